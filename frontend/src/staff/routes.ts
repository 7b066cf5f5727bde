// Every screen of the staff app. What stands under an organization is loaded when it is first opened.

import type { Routes } from '@lib/router'
import { admit, settle } from './guard'
import Nowhere from './Nowhere.svelte'
import Shell from './Shell.svelte'

export const routes: Routes = {
  '/sign-in': () => import('./features/access/SignIn.svelte'),
  '/forgot-password': () => import('./features/access/ForgotPassword.svelte'),
  '/reset-password': {
    '/': () => import('./features/access/ResetPassword.svelte'),
    '/:token': () => import('./features/access/ResetPassword.svelte'),
  },
  '/accept-invitation': {
    '/': () => import('./features/access/AcceptInvitation.svelte'),
    '/:token': () => import('./features/access/AcceptInvitation.svelte'),
  },
  '/welcome': () => import('./features/access/Welcome.svelte'),
  '/_ui': () => import('./features/kit/Kit.svelte'),
  '/': {
    '/': Nowhere,
    hooks: { beforeLoad: admit },
  },
  '/:org': {
    layout: Shell,
    hooks: { beforeLoad: admit, afterLoad: settle },
    '/': () => import('./features/today/Today.svelte'),
    '/gifts': {
      '/': () => import('./features/gifts/List.svelte'),
      '/new': () => import('./features/gifts/Record.svelte'),
      '/:id': () => import('./features/gifts/Detail.svelte'),
    },
    '/promises': {
      '/': () => import('./features/promises/List.svelte'),
      '/attention': () => import('./features/promises/Attention.svelte'),
      '/forecast': () => import('./features/promises/Forecast.svelte'),
      '/new': () => import('./features/promises/Take.svelte'),
      '/:id': () => import('./features/promises/Detail.svelte'),
    },
    '/people': {
      '/': () => import('./features/people/List.svelte'),
      '/new': () => import('./features/people/New.svelte'),
      '/:id': () => import('./features/people/Detail.svelte'),
      '/:id/volunteering': () => import('./features/volunteer-profile/Profile.svelte'),
    },
    '/volunteers': {
      '/': () => import('./features/volunteers/Calendar.svelte'),
      '/opportunities': {
        '/': () => import('./features/volunteers/Opportunities.svelte'),
        '/new': () => import('./features/volunteers/Opportunity.svelte'),
        '/:id': () => import('./features/volunteers/Opportunity.svelte'),
      },
      '/shifts/:id': () => import('./features/volunteers/ShiftPage.svelte'),
      '/roster': () => import('./features/volunteers/Roster.svelte'),
      '/door': () => import('./features/door/Door.svelte'),
      '/hours': {
        '/': () => import('./features/hours/List.svelte'),
        '/totals': () => import('./features/hours/Totals.svelte'),
      },
      '/people': () => import('./features/volunteers/People.svelte'),
      '/offers': () => import('./features/volunteers/HelpOffers.svelte'),
      '/credentials': () => import('./features/volunteers/Credentials.svelte'),
    },
    '/campaigns': {
      '/': () => import('./features/campaigns/List.svelte'),
      '/new': () => import('./features/campaigns/Editor.svelte'),
      '/:id': () => import('./features/campaigns/Editor.svelte'),
    },
    '/causes': {
      '/': () => import('./features/causes/List.svelte'),
      '/new': () => import('./features/causes/Editor.svelte'),
      '/:id': () => import('./features/causes/Editor.svelte'),
    },
    '/ledger': {
      '/': () => import('./features/ledger/TrialBalance.svelte'),
      '/payouts': () => import('./features/ledger/Payouts.svelte'),
    },
    '/registry': () => import('./features/registry/Claim.svelte'),
    '/settings': {
      '/': () => import('./features/settings/Organization.svelte'),
      '/team': () => import('./features/settings/Team.svelte'),
      '/tokens': () => import('./features/settings/Tokens.svelte'),
      '/receipts': () => import('./features/settings/Receipts.svelte'),
    },
    '*': Nowhere,
  },
  '*': Nowhere,
}
