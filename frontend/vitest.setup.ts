import '@testing-library/jest-dom/vitest'

// happy-dom has no <dialog> methods and no matchMedia for media it does not know.
if (!HTMLDialogElement.prototype.showModal) {
  HTMLDialogElement.prototype.showModal = function () {
    this.setAttribute('open', '')
  }
}
