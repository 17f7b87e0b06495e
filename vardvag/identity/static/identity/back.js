document.querySelector("[data-back]").submit();
