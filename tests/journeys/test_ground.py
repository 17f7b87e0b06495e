"""The ground under the journeys: the product answers in a real browser."""


def test_a_page_that_is_not_there_says_so(product, page, axe):
    answer = page.goto("/finns-inte")
    assert answer.status == 404
    axe(page)
