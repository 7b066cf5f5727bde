// One polite and one assertive live region stand at the root of every page; everything that speaks without
// moving focus speaks through them. Toasts are the visible side of the same messages.

export interface ToastMessage {
  id: number
  text: string
  tone: 'info' | 'success' | 'danger'
  action?: { label: string; run: () => void }
}

let next = 1

class Announcer {
  polite = $state('')
  assertive = $state('')
  toasts = $state<ToastMessage[]>([])

  /** say speaks when the reader pauses. The same words twice are spoken twice. */
  say(text: string): void {
    this.polite = this.polite === text ? `${text}\u00a0` : text
  }

  /** alert interrupts: for failures that need attention now. */
  alert(text: string): void {
    this.assertive = this.assertive === text ? `${text}\u00a0` : text
  }

  /** toast shows and says; it stays while it offers an action or tells of a failure. */
  toast(text: string, options: { tone?: ToastMessage['tone']; action?: ToastMessage['action'] } = {}): void {
    const tone = options.tone ?? 'success'
    const toast: ToastMessage = {
      id: next++,
      text,
      tone,
      ...(options.action ? { action: options.action } : {}),
    }
    this.toasts = [...this.toasts.slice(-2), toast]
    if (tone === 'danger') this.alert(text)
    else this.say(text)
    if (tone !== 'danger' && !options.action) setTimeout(() => this.dismiss(toast.id), 6000)
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((t) => t.id !== id)
  }
}

export const announcer = new Announcer()
