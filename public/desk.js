// What the desk's pages have beyond HTML. Every page works without it: it only adds.

// Buttons that can do nothing without this script are hidden until it runs.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll('[data-copy]')) button.hidden = false
}

document.addEventListener('click', async ({ target }) => {
  const button = target.closest('[data-copy]')
  if (!button) return
  await navigator.clipboard.writeText(button.dataset.copy)
  const said = document.querySelector('[data-said]')
  if (said) said.textContent = button.dataset.copied
})

document.querySelector('.error-summary')?.focus()
