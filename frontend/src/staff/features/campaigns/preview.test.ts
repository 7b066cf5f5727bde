import { expect, it } from 'vitest'
import { pageOf } from './preview'

const origin = 'http://127.0.0.1:8080'

it('takes scripts out and lifts styles off', () => {
  const page = pageOf(
    '<style>h1{color:red}</style><script src="/a.js"></script><h1>Hi</h1><style>p{}</style>',
    origin,
  )
  expect(page).toEqual({ html: '<h1>Hi</h1>', styles: 'h1{color:red}\np{}' })
})

it('completes root-relative addresses and leaves others', () => {
  const page = pageOf(
    '<link href="/a/x.css"><a href="https://x.org/">x</a><a href="//y.org">y</a><img src="/p.jpg" srcset="/p.jpg 1x, /q.jpg 2x">',
    origin,
  )
  expect(page.html).toBe(
    `<link href="${origin}/a/x.css"><a href="https://x.org/">x</a><a href="//y.org">y</a>` +
      `<img src="${origin}/p.jpg" srcset="${origin}/p.jpg 1x, ${origin}/q.jpg 2x">`,
  )
})
