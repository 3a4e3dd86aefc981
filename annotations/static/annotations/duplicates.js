// @ts-check
/** Keys of the page Duplicates: each presses the button, or follows the link, that names it. */

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  const typing = event.target instanceof Element && event.target.closest("input:not([type=hidden]), textarea, select");
  if (typing) return;
  for (const control of document.querySelectorAll("[data-key]")) {
    if (control instanceof HTMLElement && control.dataset.key === event.key.toLowerCase()) {
      event.preventDefault();
      control.click();
      return;
    }
  }
});
