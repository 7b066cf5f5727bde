// What the campaign screens ask of the server.

import { keepPreviousData, queryOptions } from '@tanstack/svelte-query'
import { get, raw, send } from '@api/client'
import type { Campaign, CampaignDetail, CampaignFields, Page } from '@api/types'
import { key } from '../../keys'

export const CAMPAIGN_STATUSES = ['draft', 'live', 'ended'] as const

export const campaignsQuery = (status: string, cursor = '') =>
  queryOptions({
    queryKey: key('campaigns', status, cursor),
    queryFn: ({ signal }) =>
      get<Page<Campaign>>('/campaigns', { query: { status, cursor, limit: 50 }, signal }),
    placeholderData: keepPreviousData,
  })

export const campaignQuery = (id: string) =>
  queryOptions({
    queryKey: key('campaign', id),
    queryFn: ({ signal }) => get<CampaignDetail>(`/campaigns/${id}`, { signal }),
    enabled: id !== '',
  })

export const createCampaign = (fields: CampaignFields) =>
  send<CampaignDetail>('POST', '/campaigns', { body: fields })
export const updateCampaign = (id: string, fields: CampaignFields, version: number) =>
  send<CampaignDetail>('PATCH', `/campaigns/${id}`, { body: { ...fields, version } })
export const publishCampaign = (id: string) => send<CampaignDetail>('POST', `/campaigns/${id}/publish`)
export const endCampaign = (id: string) => send<CampaignDetail>('POST', `/campaigns/${id}/end`)
export const putPicture = (id: string, file: Blob) =>
  send<unknown>('PUT', `/campaigns/${id}/picture`, { body: file })

/** previewCampaign returns the public page as it would look, as HTML. */
export async function previewCampaign(fields: CampaignFields, signal: AbortSignal): Promise<string> {
  return (await raw('POST', '/campaigns/preview', { body: fields, signal })).text()
}
