// <script src="https://…/embed.js" async></script> <give-form campaign="organization/campaign"><a href="…">Give</a></give-form>
//
// The form lives in a frame of its own, apart from the host's styles and scripts. What the element held before, a plain link, is the
// fallback of browsers without scripts. Messages count only when they come from our origin and from that very frame.
const origin = new URL((document.currentScript as HTMLScriptElement).src).origin

class GiveForm extends HTMLElement {
  #frame: HTMLIFrameElement | undefined

  connectedCallback(): void {
    const campaign = this.getAttribute('campaign') ?? ''
    if (this.#frame || !/^[a-z0-9-]+\/[a-z0-9-]+$/.test(campaign)) return
    const frame = document.createElement('iframe')
    const wish = (name: string) => {
      const value = this.getAttribute(name)
      return value ? `&${name}=${encodeURIComponent(value)}` : ''
    }
    frame.src = `${origin}/give/${campaign}?embed=1${wish('amount')}${wish('frequency')}`
    frame.title = this.getAttribute('title') || 'Donation form'
    frame.allow = 'payment *'
    frame.style.cssText = 'display:block;width:100%;min-height:46rem;border:0;color-scheme:normal'
    this.#frame = frame
    this.replaceChildren(frame)
    addEventListener('message', this.#hear)
  }

  disconnectedCallback(): void {
    removeEventListener('message', this.#hear)
    this.#frame = undefined
  }

  #hear = (event: MessageEvent<{ type?: string; height?: number }>): void => {
    const frame = this.#frame
    if (!frame || event.origin !== origin || event.source !== frame.contentWindow) return
    const height = event.data?.type === 'give:height' ? Number(event.data.height) : 0
    if (height > 0 && height < 20_000) frame.style.minHeight = frame.style.height = `${height}px`
  }
}

if (!customElements.get('give-form')) customElements.define('give-form', GiveForm)

export {}
