// Inside another site's page: tell the frame's owner how tall we are. The height is no secret, so any parent may hear it; the parent
// checks that it is us who speaks (see embed.ts).

export function reportHeight(): void {
  if (window.parent === window) return
  let last = 0
  const tell = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height)
    if (height === last) return
    last = height
    window.parent.postMessage({ type: 'give:height', height }, '*')
  }
  new ResizeObserver(tell).observe(document.body)
  tell()
}
