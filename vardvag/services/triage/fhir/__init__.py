"""A protocol as FHIR R4, and back: a Bundle with a Questionnaire (what is asked) and a PlanDefinition (the rules).

The YAML of `../content/` is the source. What is written out comes back the same, hash for hash; what others have
written is read when it holds what the format needs, and refused with path, what is wrong and the cure otherwise.

A form shows a question when its condition surely holds; our own interview also when that is not known.
"""
