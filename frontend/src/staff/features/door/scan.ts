// Reading QR codes from the camera: with what the browser has, else with a decoder that is loaded when it is needed.

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector
  getSupportedFormats(): Promise<string[]>
}

/** Reader finds a code in the picture, or nothing. */
export type Reader = (video: HTMLVideoElement) => Promise<string | undefined>

/** openReader makes the reader that this browser allows. */
export async function openReader(): Promise<Reader> {
  const detector = await own()
  if (!detector) return decoder()
  return async (video) => (await detector.detect(video))[0]?.rawValue
}

// Some browsers have the class but no service behind it.
async function own(): Promise<Detector | undefined> {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass }
  try {
    if (!(await BarcodeDetector?.getSupportedFormats())?.includes('qr_code')) return undefined
    return BarcodeDetector && new BarcodeDetector({ formats: ['qr_code'] })
  } catch {
    return undefined
  }
}

const WIDTH = 640

async function decoder(): Promise<Reader> {
  const { decodeQR } = await import('qr/decode.js')
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return async (video) => {
    if (!context || video.videoWidth === 0) return undefined
    canvas.width = WIDTH
    canvas.height = Math.round((video.videoHeight / video.videoWidth) * WIDTH)
    context.drawImage(video, 0, 0, canvas.width, canvas.height)
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height))
    } catch {
      return undefined // most pictures show no code
    }
  }
}

/** codeOf is the check-in code in what a QR code says: the code itself, or the last part of an address. */
export function codeOf(text: string): string {
  const clean = text.trim()
  const last = clean.split(/[?#]/)[0]?.split('/').filter(Boolean).at(-1) ?? ''
  return clean.includes('/') ? last : clean
}
