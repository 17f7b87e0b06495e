document.querySelector("[data-back]").requestSubmit();
