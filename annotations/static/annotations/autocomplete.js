// @ts-check
// Names the search fields that the admin makes of select elements: they have no name of their own.

/** @param {HTMLSelectElement} select */
function labelSearchField(select) {
  const [label] = select.labels;
  const field = select.parentElement?.querySelector(".select2-selection");
  const shown = field?.querySelector(".select2-selection__rendered");
  if (!label || !field || !shown) return;
  label.id ||= `${select.id}_label`;
  shown.setAttribute("aria-labelledby", label.id);
  field.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
  django.jQuery(select).on("select2:open", () => {
    document.querySelector(".select2-search__field")?.setAttribute("aria-labelledby", label.id);
  });
}

// jQuery calls its listeners in their order: by ours, the last one, the fields have been made
window.addEventListener("load", () => {
  django.jQuery(() => {
    const selects = document.querySelectorAll("select.admin-autocomplete");
    for (const select of selects) if (select instanceof HTMLSelectElement) labelSearchField(select);
  });
});
