// Copying an address that stands in a field of the page.

/** offerCopy shows a button that copies the field it names in data-copy; its words for "copied" are in data-copied. */
export function offerCopy(button: HTMLButtonElement, announce: (words: string) => void): void {
  const field = document.getElementById(button.dataset['copy'] ?? '')
  if (!(field instanceof HTMLInputElement)) return
  button.hidden = false
  button.addEventListener('click', () => {
    void (async () => {
      field.select()
      const copied = await navigator.clipboard?.writeText(field.value).then(
        () => true,
        () => false,
      )
      const words = button.dataset[copied ? 'copied' : 'failed'] ?? ''
      announce(words)
      if (copied) button.textContent = words
    })()
  })
}
