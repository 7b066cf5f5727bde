/** moved reports whether the page at an address has stopped waiting. A page that cannot be had just now still waits. */
export async function moved(address: string): Promise<boolean> {
  try {
    const answer = await fetch(address, { cache: 'no-store', headers: { Accept: 'text/html' } })
    return answer.ok && !(await answer.text()).includes('data-state="waiting"')
  } catch {
    return false
  }
}
