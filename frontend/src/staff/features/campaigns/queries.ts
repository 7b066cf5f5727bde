// What the campaign screens ask of the server.

import { keepPreviousData, queryOptions } from '@tanstack/svelte-query'
import {
  createCampaign,
  endCampaign,
  getCampaign,
  listCampaigns,
  previewCampaign,
  publishCampaign,
  reviseCampaign,
  setCampaignPicture,
} from '@api/gen'
import type { CampaignFields } from '@api/types'
import { key } from '../../keys'

export const CAMPAIGN_STATUSES = ['draft', 'live', 'ended'] as const

export const campaignsQuery = (chosen: string, cursor = '') => {
  const status = CAMPAIGN_STATUSES.find((s) => s === chosen)
  return queryOptions({
    queryKey: key('campaigns', chosen, cursor),
    queryFn: ({ signal }) =>
      listCampaigns({
        query: { limit: 50, ...(status ? { status } : {}), ...(cursor ? { cursor } : {}) },
        signal,
      }),
    placeholderData: keepPreviousData,
  })
}

export const campaignQuery = (id: string) =>
  queryOptions({
    queryKey: key('campaign', id),
    queryFn: ({ signal }) => getCampaign({ path: { id }, signal }),
    enabled: id !== '',
  })

export const addCampaign = (body: CampaignFields) => createCampaign({ body })
export const changeCampaign = (id: string, fields: CampaignFields, version: number) =>
  reviseCampaign({ path: { id }, body: { ...fields, version } })
export const publish = (id: string) => publishCampaign({ path: { id } })
export const end = (id: string) => endCampaign({ path: { id } })
export const putPicture = (id: string, file: Blob) =>
  setCampaignPicture({ path: { id }, body: file, headers: { 'Content-Type': file.type } })

/** drawPreview returns the public page as it would look, as HTML. */
export async function drawPreview(fields: CampaignFields, id: string, signal: AbortSignal): Promise<string> {
  const page = await previewCampaign({ body: { ...fields, ...(id ? { id } : {}) }, parseAs: 'blob', signal })
  return page.text()
}
