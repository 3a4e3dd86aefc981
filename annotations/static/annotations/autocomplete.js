// Names the search fields that the admin makes of select elements: they have no name of their own.

function named(select) {
  const label = select.labels[0];
  const field = select.parentElement.querySelector(".select2-selection");
  if (!label || !field) return;
  label.id ||= `${select.id}_label`;
  const shown = field.querySelector(".select2-selection__rendered");
  shown.setAttribute("aria-labelledby", label.id);
  field.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
  window.django.jQuery(select).on("select2:open", () => {
    document.querySelector(".select2-search__field")?.setAttribute("aria-labelledby", label.id);
  });
}

// Whoever asks jQuery last is told last that the document is ready: the fields have been made then.
window.addEventListener("load", () => {
  window.django.jQuery(() => document.querySelectorAll("select.admin-autocomplete").forEach(named));
});
