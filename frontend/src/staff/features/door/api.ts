// What the door asks of the server.

import { client } from '@api/gen/client.gen'

export interface DoorShift {
  id: string
  opportunity_id: string
  opportunity_title: string
  role: string
  title: string
  meeting_point: string
  starts_local: string
  ends_local: string
  zone: string
  starts_at: string
  ends_at: string
  places: number
  free: number
  taken: number
  waiting: number
  status: string
}

export interface DoorPerson {
  sign_up_id: string
  shift_id: string
  person_id: string
  name: string
  email_hint: string
  phone_hint: string
  status: string
  starts_local: string
  checked_in_at?: string | null
  checked_out_at?: string | null
  late_minutes?: number | null
  missing: string[]
  check_in_code?: string
}

export interface DoorBoard {
  server_now: string
  shifts: DoorShift[]
  people: DoorPerson[]
}
