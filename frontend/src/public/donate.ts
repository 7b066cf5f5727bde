// The campaign page: the giving form comes alive, and the totals move while somebody looks.
import { mount } from 'svelte'
import '../styles/public.css'
import { setMessages } from '../lib/t'
import { readBoot } from './donate/boot'
import DonateForm from './donate/DonateForm.svelte'
import { takeOver } from './donate/takeover'
import { reportHeight } from './donate/frame'
import { followProgress } from './donate/progress'

const boot = readBoot()
setMessages(boot.messages, document.documentElement.lang || 'en')

const host = document.getElementById('donate')
if (host) takeOver(host, (typed) => mount(DonateForm, { target: host, props: { boot, typed } }))
followProgress(boot)
if (boot.embedded) reportHeight()
