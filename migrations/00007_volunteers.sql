-- Volunteers: opportunities and their shifts, sign-ups and waitlists, credentials, hours.
-- +goose Up

-- Volunteer work offered.
CREATE TABLE opportunities (
    org_id                uuid        NOT NULL CONSTRAINT opportunities_org_id_fkey REFERENCES organizations (id),
    id                    uuid        NOT NULL,
    slug                  text        NOT NULL CONSTRAINT opportunities_slug_check CHECK (slug ~ '^[a-z0-9](-?[a-z0-9]){1,39}$'),
    title                 text        NOT NULL CONSTRAINT opportunities_title_check CHECK (char_length(title) BETWEEN 1 AND 120),
    role                  text        NOT NULL DEFAULT '',
    summary               text        NOT NULL DEFAULT '',
    why                   text        NOT NULL DEFAULT '',
    description           text        NOT NULL DEFAULT '' CONSTRAINT opportunities_description_check CHECK (char_length(description) <= 20000),
    kind                  text        NOT NULL CONSTRAINT opportunities_kind_check CHECK (kind IN ('shifts', 'flexible')),
    status                text        NOT NULL CONSTRAINT opportunities_status_check CHECK (status IN ('draft', 'published', 'closed')),
    visibility            text        NOT NULL CONSTRAINT opportunities_visibility_check CHECK (visibility IN ('public', 'staff')),
    cause_id              uuid,
    campaign_id           uuid,
    place_name            text        NOT NULL DEFAULT '',
    place_address_line1   text        NOT NULL DEFAULT '',
    place_city            text        NOT NULL DEFAULT '',
    place_region          text        NOT NULL DEFAULT '',
    place_postal_code     text        NOT NULL DEFAULT '',
    place_country         text        NOT NULL DEFAULT '',
    place_latitude        double precision CONSTRAINT opportunities_place_latitude_check CHECK (place_latitude BETWEEN -90 AND 90),
    place_longitude       double precision CONSTRAINT opportunities_place_longitude_check CHECK (place_longitude BETWEEN -180 AND 180),
    place_remote          boolean     NOT NULL DEFAULT false,
    directions            text        NOT NULL DEFAULT '',
    zone                  text        NOT NULL,
    skills                text[]      NOT NULL DEFAULT '{}',
    min_age               integer     NOT NULL DEFAULT 0 CONSTRAINT opportunities_min_age_check CHECK (min_age BETWEEN 0 AND 120),
    contact_name          text        NOT NULL DEFAULT '',
    contact_email         text        NOT NULL DEFAULT '',
    contact_phone         text        NOT NULL DEFAULT '',
    opens_before_hours    integer,
    closes_before_minutes integer     NOT NULL DEFAULT 0,
    cancel_before_minutes integer     NOT NULL DEFAULT 0,
    waitlist_max          integer     CONSTRAINT opportunities_waitlist_max_check CHECK (waitlist_max >= 0),
    offer_hours           integer     NOT NULL DEFAULT 12 CONSTRAINT opportunities_offer_hours_check CHECK (offer_hours BETWEEN 1 AND 168),
    starts_on             date,
    ends_on               date,
    hours_wanted          integer     NOT NULL DEFAULT 0,
    published_at          timestamptz,
    closed_at             timestamptz,
    version               integer     NOT NULL DEFAULT 1,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    CONSTRAINT opportunities_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT opportunities_slug_key UNIQUE (org_id, slug),
    CONSTRAINT opportunities_cause_id_fkey FOREIGN KEY (org_id, cause_id) REFERENCES causes (org_id, id),
    CONSTRAINT opportunities_campaign_id_fkey FOREIGN KEY (org_id, campaign_id) REFERENCES campaigns (org_id, id),
    CONSTRAINT opportunities_place_check CHECK ((place_latitude IS NULL) = (place_longitude IS NULL))
);
COMMENT ON TABLE opportunities IS 'Volunteer work offered: what, why, where, and what it takes. The windows are those of new shifts.';
CREATE INDEX opportunities_created_at_idx ON opportunities (org_id, created_at DESC, id DESC);
CREATE INDEX opportunities_cause_id_idx ON opportunities (org_id, cause_id) WHERE cause_id IS NOT NULL;
CREATE INDEX opportunities_campaign_id_idx ON opportunities (org_id, campaign_id) WHERE campaign_id IS NOT NULL;
CALL isolate_tenant('opportunities');

-- A sort of proof that opportunities can ask for.
CREATE TABLE credential_kinds (
    org_id       uuid        NOT NULL CONSTRAINT credential_kinds_org_id_fkey REFERENCES organizations (id),
    id           uuid        NOT NULL,
    name         text        NOT NULL CONSTRAINT credential_kinds_name_check CHECK (char_length(name) BETWEEN 1 AND 120),
    description  text        NOT NULL DEFAULT '',
    valid_months integer     NOT NULL DEFAULT 0,
    archived     boolean     NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT credential_kinds_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT credential_kinds_name_key UNIQUE (org_id, name)
);
COMMENT ON TABLE credential_kinds IS 'A sort of proof that opportunities can ask for, such as a certificate or a background check. valid_months 0: for ever.';
CALL isolate_tenant('credential_kinds');

CREATE TABLE opportunity_requirements (
    org_id         uuid NOT NULL,
    opportunity_id uuid NOT NULL,
    kind_id        uuid NOT NULL,
    CONSTRAINT opportunity_requirements_pkey PRIMARY KEY (org_id, opportunity_id, kind_id),
    CONSTRAINT opportunity_requirements_opportunity_id_fkey FOREIGN KEY (org_id, opportunity_id) REFERENCES opportunities (org_id, id),
    CONSTRAINT opportunity_requirements_kind_id_fkey FOREIGN KEY (org_id, kind_id) REFERENCES credential_kinds (org_id, id)
);
COMMENT ON TABLE opportunity_requirements IS 'Which proofs an opportunity asks for.';
CREATE INDEX opportunity_requirements_kind_id_idx ON opportunity_requirements (org_id, kind_id);
CALL isolate_tenant('opportunity_requirements');

-- What is known of a person as a volunteer.
CREATE TABLE volunteers (
    org_id               uuid        NOT NULL,
    person_id            uuid        NOT NULL,
    status               text        NOT NULL CONSTRAINT volunteers_status_check CHECK (status IN ('prospective', 'active', 'inactive')),
    skills               text[]      NOT NULL DEFAULT '{}',
    interests            text[]      NOT NULL DEFAULT '{}',
    availability         integer     NOT NULL DEFAULT 0,
    birth_date           date,
    latitude             double precision,
    longitude            double precision,
    notes                text        NOT NULL DEFAULT '',
    reminders            boolean     NOT NULL DEFAULT true,
    can_be_asked         boolean     NOT NULL DEFAULT true,
    check_in_code        text        NOT NULL,
    feed_token           text        NOT NULL,
    no_shows_forgiven_at timestamptz,
    version              integer     NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    CONSTRAINT volunteers_pkey PRIMARY KEY (org_id, person_id),
    CONSTRAINT volunteers_check_in_code_key UNIQUE (org_id, check_in_code),
    CONSTRAINT volunteers_feed_token_key UNIQUE (org_id, feed_token),
    CONSTRAINT volunteers_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id)
);
COMMENT ON TABLE volunteers IS 'What is known of a person as a volunteer. availability: a bit per weekday and part of the day. Its row is the lock under which a person signs up, so that nobody is booked twice.';
CREATE INDEX volunteers_created_at_idx ON volunteers (org_id, created_at DESC, person_id DESC);
CALL isolate_tenant('volunteers');

-- One person's proof of a kind.
CREATE TABLE credentials (
    org_id       uuid        NOT NULL,
    id           uuid        NOT NULL,
    person_id    uuid        NOT NULL,
    kind_id      uuid        NOT NULL,
    issued_on    date        NOT NULL,
    expires_on   date,
    confirmed    boolean     NOT NULL DEFAULT false,
    confirmed_by uuid,
    note         text        NOT NULL DEFAULT '',
    warned_at    timestamptz,
    expired_at   timestamptz,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT credentials_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT credentials_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id),
    CONSTRAINT credentials_kind_id_fkey FOREIGN KEY (org_id, kind_id) REFERENCES credential_kinds (org_id, id)
);
COMMENT ON TABLE credentials IS 'One person''s proof of a kind. expires_on is the last day on which it holds; null: for ever. It counts once staff confirmed that they have seen it.';
CREATE INDEX credentials_person_id_idx ON credentials (org_id, person_id, kind_id);
CREATE INDEX credentials_kind_id_idx ON credentials (org_id, kind_id);
CREATE INDEX credentials_expires_on_idx ON credentials (org_id, expires_on) WHERE expires_on IS NOT NULL AND expired_at IS NULL;
CALL isolate_tenant('credentials');

-- A rule by which shifts are made ahead.
CREATE TABLE shift_series (
    org_id                uuid        NOT NULL,
    id                    uuid        NOT NULL,
    opportunity_id        uuid        NOT NULL,
    rule                  text        NOT NULL,
    starts_local          timestamp   NOT NULL,
    ends_local            timestamp   NOT NULL,
    zone                  text        NOT NULL,
    title                 text        NOT NULL DEFAULT '',
    meeting_point         text        NOT NULL DEFAULT '',
    places                integer     NOT NULL,
    opens_before_hours    integer,
    closes_before_minutes integer     NOT NULL,
    cancel_before_minutes integer     NOT NULL,
    made_until            timestamp   NOT NULL,
    ended                 boolean     NOT NULL DEFAULT false,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    CONSTRAINT shift_series_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT shift_series_opportunity_id_fkey FOREIGN KEY (org_id, opportunity_id) REFERENCES opportunities (org_id, id)
);
COMMENT ON TABLE shift_series IS 'A rule (RFC 5545 RRULE, in wall time) by which shifts are made ahead; those that start before made_until exist.';
CREATE INDEX shift_series_opportunity_id_idx ON shift_series (org_id, opportunity_id);
CREATE INDEX shift_series_made_until_idx ON shift_series (org_id, made_until) WHERE NOT ended;
CALL isolate_tenant('shift_series');

-- One slot of an opportunity.
CREATE TABLE shifts (
    org_id                uuid        NOT NULL,
    id                    uuid        NOT NULL,
    opportunity_id        uuid        NOT NULL,
    series_id             uuid,
    detached              boolean     NOT NULL DEFAULT false,
    title                 text        NOT NULL DEFAULT '',
    meeting_point         text        NOT NULL DEFAULT '',
    starts_local          timestamp   NOT NULL,
    ends_local            timestamp   NOT NULL,
    zone                  text        NOT NULL,
    starts_at             timestamptz NOT NULL,
    ends_at               timestamptz NOT NULL,
    places                integer     NOT NULL CONSTRAINT shifts_places_check CHECK (places BETWEEN 1 AND 10000),
    opens_before_hours    integer,
    closes_before_minutes integer     NOT NULL,
    cancel_before_minutes integer     NOT NULL,
    opens_at              timestamptz,
    closes_at             timestamptz NOT NULL,
    cancel_until          timestamptz NOT NULL,
    status                text        NOT NULL CONSTRAINT shifts_status_check CHECK (status IN ('open', 'cancelled')),
    cancel_reason         text        NOT NULL DEFAULT '',
    taken                 integer     NOT NULL DEFAULT 0,
    waiting               integer     NOT NULL DEFAULT 0,
    over                  integer     NOT NULL DEFAULT 0,
    version               integer     NOT NULL DEFAULT 1,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    CONSTRAINT shifts_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT shifts_opportunity_id_fkey FOREIGN KEY (org_id, opportunity_id) REFERENCES opportunities (org_id, id),
    CONSTRAINT shifts_series_id_fkey FOREIGN KEY (org_id, series_id) REFERENCES shift_series (org_id, id),
    CONSTRAINT shifts_times_check CHECK (ends_at > starts_at),
    CONSTRAINT shifts_taken_check CHECK (over BETWEEN 0 AND taken AND taken - over <= places)
);
COMMENT ON TABLE shifts IS 'One slot of an opportunity. Wall times and zone say when it is; the instants follow from them. taken, waiting and over are counted anew from sign_ups with every change, under the lock of this row; shifts_taken_check refuses more people than places, but for the over whom staff let in.';
CREATE INDEX shifts_starts_at_idx ON shifts (org_id, starts_at, id);
CREATE INDEX shifts_opportunity_id_idx ON shifts (org_id, opportunity_id, starts_at, id);
CREATE INDEX shifts_unfilled_idx ON shifts (org_id, starts_at, id) WHERE status = 'open' AND taken - over < places;
CREATE INDEX shifts_series_id_idx ON shifts (org_id, series_id, starts_at) WHERE series_id IS NOT NULL;
CREATE UNIQUE INDEX shifts_series_id_starts_local_key ON shifts (org_id, series_id, starts_local) WHERE series_id IS NOT NULL AND NOT detached;
CALL isolate_tenant('shifts');

-- Shifts that somebody chose without signing in: held until the mail is confirmed.
CREATE TABLE sign_up_requests (
    org_id           uuid        NOT NULL CONSTRAINT sign_up_requests_org_id_fkey REFERENCES organizations (id),
    id               uuid        NOT NULL,
    token_hash       bytea       NOT NULL,
    first_name       text        NOT NULL,
    last_name        text        NOT NULL,
    email            text        NOT NULL,
    email_normalized text        NOT NULL,
    phone            text        NOT NULL DEFAULT '',
    birth_date       date,
    waits            boolean     NOT NULL DEFAULT false,
    created_at       timestamptz NOT NULL,
    hold_until       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    confirmed_at     timestamptz,
    person_id        uuid,
    CONSTRAINT sign_up_requests_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT sign_up_requests_token_hash_key UNIQUE (org_id, token_hash),
    CONSTRAINT sign_up_requests_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id)
);
COMMENT ON TABLE sign_up_requests IS 'A set of shifts that somebody chose on the public page without signing in. No person is made or found before the mail is confirmed.';
CREATE INDEX sign_up_requests_expires_at_idx ON sign_up_requests (org_id, expires_at);
CREATE INDEX sign_up_requests_email_normalized_idx ON sign_up_requests (org_id, email_normalized) WHERE confirmed_at IS NULL;
CREATE INDEX sign_up_requests_person_id_idx ON sign_up_requests (org_id, person_id) WHERE person_id IS NOT NULL;
CALL isolate_tenant('sign_up_requests');

-- Which shifts a request names: those that are full become a place in line at confirmation, if the request waits.
CREATE TABLE sign_up_request_shifts (
    org_id     uuid NOT NULL,
    request_id uuid NOT NULL,
    shift_id   uuid NOT NULL,
    code       text NOT NULL DEFAULT '',
    message    text NOT NULL DEFAULT '',
    CONSTRAINT sign_up_request_shifts_pkey PRIMARY KEY (org_id, request_id, shift_id),
    CONSTRAINT sign_up_request_shifts_request_id_fkey FOREIGN KEY (org_id, request_id) REFERENCES sign_up_requests (org_id, id) ON DELETE CASCADE,
    CONSTRAINT sign_up_request_shifts_shift_id_fkey FOREIGN KEY (org_id, shift_id) REFERENCES shifts (org_id, id)
);
COMMENT ON TABLE sign_up_request_shifts IS 'The shifts that a request names. code and message: why one was refused when the request was confirmed.';
CREATE INDEX sign_up_request_shifts_shift_id_idx ON sign_up_request_shifts (org_id, shift_id);
CALL isolate_tenant('sign_up_request_shifts');

-- One person's place in a shift, or in the line for one.
CREATE TABLE sign_ups (
    org_id           uuid        NOT NULL,
    id               uuid        NOT NULL,
    shift_id         uuid        NOT NULL,
    person_id        uuid,
    request_id       uuid,
    status           text        NOT NULL CONSTRAINT sign_ups_status_check CHECK (status IN ('held', 'confirmed', 'offered', 'in', 'done', 'waiting', 'no_show', 'cancelled', 'lapsed')),
    was              text        NOT NULL DEFAULT '',
    source           text        NOT NULL CONSTRAINT sign_ups_source_check CHECK (source IN ('public', 'staff', 'walk_in', 'swap', 'cover')),
    rank             bigint      NOT NULL,
    hold_until       timestamptz,
    over             boolean     NOT NULL DEFAULT false,
    overrides        text[]      NOT NULL DEFAULT '{}',
    override_note    text        NOT NULL DEFAULT '',
    overridden_by    uuid,
    ended_by         text        NOT NULL DEFAULT '' CONSTRAINT sign_ups_ended_by_check CHECK (ended_by IN ('', 'volunteer', 'staff', 'system')),
    end_reason       text        NOT NULL DEFAULT '',
    checked_in_at    timestamptz,
    checked_out_at   timestamptz,
    no_show_note     text        NOT NULL DEFAULT '',
    reminded_far_at  timestamptz,
    reminded_near_at timestamptz,
    version          integer     NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CONSTRAINT sign_ups_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT sign_ups_shift_id_fkey FOREIGN KEY (org_id, shift_id) REFERENCES shifts (org_id, id),
    CONSTRAINT sign_ups_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id),
    CONSTRAINT sign_ups_request_id_fkey FOREIGN KEY (org_id, request_id) REFERENCES sign_up_requests (org_id, id) ON DELETE SET NULL (request_id),
    CONSTRAINT sign_ups_hold_until_check CHECK ((hold_until IS NOT NULL) = (status IN ('held', 'offered'))),
    CONSTRAINT sign_ups_person_check CHECK (person_id IS NOT NULL OR status IN ('held', 'cancelled', 'lapsed')),
    CONSTRAINT sign_ups_checked_check CHECK (status NOT IN ('in', 'done') OR checked_in_at IS NOT NULL)
);
COMMENT ON TABLE sign_ups IS 'One person''s place in a shift, or in the line for one. held, confirmed, offered, in and done have a place. Changed only under the lock of the shift.';
CREATE UNIQUE INDEX sign_ups_shift_id_person_id_key ON sign_ups (org_id, shift_id, person_id)
    WHERE person_id IS NOT NULL AND status IN ('held', 'confirmed', 'offered', 'in', 'done', 'waiting');
CREATE UNIQUE INDEX sign_ups_shift_id_request_id_key ON sign_ups (org_id, shift_id, request_id) WHERE status = 'held';
CREATE INDEX sign_ups_shift_id_idx ON sign_ups (org_id, shift_id, rank);
CREATE INDEX sign_ups_in_idx ON sign_ups (org_id, shift_id) WHERE status = 'in';
CREATE INDEX sign_ups_person_id_idx ON sign_ups (org_id, person_id, created_at DESC, id DESC) WHERE person_id IS NOT NULL;
CREATE INDEX sign_ups_request_id_idx ON sign_ups (org_id, request_id) WHERE request_id IS NOT NULL;
CALL isolate_tenant('sign_ups');

-- What staff changed about shifts, and who is told.
CREATE TABLE shift_notices (
    org_id     uuid        NOT NULL CONSTRAINT shift_notices_org_id_fkey REFERENCES organizations (id),
    id         uuid        NOT NULL,
    message    text        NOT NULL DEFAULT '',
    by_login   uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT shift_notices_pkey PRIMARY KEY (org_id, id)
);
COMMENT ON TABLE shift_notices IS 'One act of staff that changed or cancelled shifts. Whoever it concerns gets one mail about all of theirs.';
CALL isolate_tenant('shift_notices');

CREATE TABLE shift_notice_items (
    org_id      uuid    NOT NULL,
    notice_id   uuid    NOT NULL,
    shift_id    uuid    NOT NULL,
    cancelled   boolean NOT NULL,
    differences jsonb   NOT NULL,
    sign_up_ids text[]  NOT NULL,
    CONSTRAINT shift_notice_items_pkey PRIMARY KEY (org_id, notice_id, shift_id),
    CONSTRAINT shift_notice_items_notice_id_fkey FOREIGN KEY (org_id, notice_id) REFERENCES shift_notices (org_id, id),
    CONSTRAINT shift_notice_items_shift_id_fkey FOREIGN KEY (org_id, shift_id) REFERENCES shifts (org_id, id)
);
COMMENT ON TABLE shift_notice_items IS 'What became of one shift, before and after, and which sign-ups it concerned at that moment.';
CREATE INDEX shift_notice_items_shift_id_idx ON shift_notice_items (org_id, shift_id);
CALL isolate_tenant('shift_notice_items');

-- Who was asked to cover a shift, and what they said.
CREATE TABLE cover_requests (
    org_id     uuid        NOT NULL,
    id         uuid        NOT NULL,
    shift_id   uuid        NOT NULL,
    message    text        NOT NULL DEFAULT '',
    created_by uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT cover_requests_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT cover_requests_shift_id_fkey FOREIGN KEY (org_id, shift_id) REFERENCES shifts (org_id, id)
);
COMMENT ON TABLE cover_requests IS 'A question to some people whether they can help with a shift. The first yes wins.';
CREATE INDEX cover_requests_shift_id_idx ON cover_requests (org_id, shift_id, created_at DESC);
CALL isolate_tenant('cover_requests');

CREATE TABLE cover_asks (
    org_id      uuid        NOT NULL,
    id          uuid        NOT NULL,
    cover_id    uuid        NOT NULL,
    shift_id    uuid        NOT NULL,
    person_id   uuid        NOT NULL,
    reasons     text[]      NOT NULL DEFAULT '{}',
    answer      text        NOT NULL CONSTRAINT cover_asks_answer_check CHECK (answer IN ('asked', 'yes', 'no', 'too_late', 'hindered')),
    answered_at timestamptz,
    created_at  timestamptz NOT NULL,
    CONSTRAINT cover_asks_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT cover_asks_person_id_key UNIQUE (org_id, cover_id, person_id),
    CONSTRAINT cover_asks_cover_id_fkey FOREIGN KEY (org_id, cover_id) REFERENCES cover_requests (org_id, id),
    CONSTRAINT cover_asks_shift_id_fkey FOREIGN KEY (org_id, shift_id) REFERENCES shifts (org_id, id),
    CONSTRAINT cover_asks_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id)
);
COMMENT ON TABLE cover_asks IS 'The question to one person, why they were proposed, and the answer.';
CREATE INDEX cover_asks_shift_id_idx ON cover_asks (org_id, shift_id);
CREATE INDEX cover_asks_person_id_idx ON cover_asks (org_id, person_id, created_at DESC);
CALL isolate_tenant('cover_asks');

-- Time given.
CREATE TABLE volunteer_hours (
    org_id         uuid        NOT NULL,
    id             uuid        NOT NULL,
    person_id      uuid        NOT NULL,
    opportunity_id uuid        NOT NULL,
    sign_up_id     uuid,
    on_date        date        NOT NULL,
    minutes        integer     NOT NULL CONSTRAINT volunteer_hours_minutes_check CHECK (minutes BETWEEN 1 AND 1440),
    source         text        NOT NULL CONSTRAINT volunteer_hours_source_check CHECK (source IN ('check_in', 'self', 'staff')),
    status         text        NOT NULL CONSTRAINT volunteer_hours_status_check CHECK (status IN ('pending', 'approved', 'rejected')),
    assumed        boolean     NOT NULL DEFAULT false,
    note           text        NOT NULL DEFAULT '',
    reason         text        NOT NULL DEFAULT '',
    decided_by     uuid,
    decided_at     timestamptz,
    version        integer     NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    CONSTRAINT volunteer_hours_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT volunteer_hours_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id),
    CONSTRAINT volunteer_hours_opportunity_id_fkey FOREIGN KEY (org_id, opportunity_id) REFERENCES opportunities (org_id, id),
    CONSTRAINT volunteer_hours_sign_up_id_fkey FOREIGN KEY (org_id, sign_up_id) REFERENCES sign_ups (org_id, id)
);
COMMENT ON TABLE volunteer_hours IS 'Time that one person gave on one day, at the place. Only approved hours count in totals. assumed: nobody checked the person out, so the planned end was taken.';
CREATE UNIQUE INDEX volunteer_hours_sign_up_id_key ON volunteer_hours (org_id, sign_up_id) WHERE sign_up_id IS NOT NULL;
CREATE INDEX volunteer_hours_created_at_idx ON volunteer_hours (org_id, created_at DESC, id DESC);
CREATE INDEX volunteer_hours_status_idx ON volunteer_hours (org_id, status, created_at DESC, id DESC);
CREATE INDEX volunteer_hours_person_id_idx ON volunteer_hours (org_id, person_id, on_date DESC, id DESC) INCLUDE (status, minutes);
CREATE INDEX volunteer_hours_opportunity_id_idx ON volunteer_hours (org_id, opportunity_id, on_date) INCLUDE (status, minutes, person_id);
CREATE INDEX volunteer_hours_on_date_idx ON volunteer_hours (org_id, on_date) INCLUDE (opportunity_id, minutes, person_id) WHERE status = 'approved';
CALL isolate_tenant('volunteer_hours');

-- +goose Down
SELECT 'migrations only go forward';
