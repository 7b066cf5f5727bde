-- Donations, how they are paid, what Stripe says of them.
-- +goose Up

-- What a payment costs, by method; the newest row whose valid_from has come counts.
CREATE TABLE tariffs (
    org_id       uuid     NOT NULL CONSTRAINT tariffs_org_id_fkey REFERENCES organizations (id),
    id           uuid     NOT NULL,
    method       text     NOT NULL CONSTRAINT tariffs_method_check CHECK (method IN ('card')),
    currency     char(3)  NOT NULL,
    basis_points integer  NOT NULL CONSTRAINT tariffs_basis_points_check CHECK (basis_points BETWEEN 0 AND 2000),
    fixed_minor  bigint   NOT NULL CONSTRAINT tariffs_fixed_minor_check CHECK (fixed_minor >= 0),
    cap_minor    bigint   NOT NULL DEFAULT 0,
    valid_from   date     NOT NULL,
    CONSTRAINT tariffs_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT tariffs_method_currency_valid_from_key UNIQUE (org_id, method, currency, valid_from)
);
COMMENT ON TABLE tariffs IS 'What a payment costs, by method and currency: the estimate behind the fee-cover offer. The true fee comes from Stripe.';
CALL isolate_tenant('tariffs');

-- Money received, or being received.
CREATE TABLE donations (
    org_id           uuid        NOT NULL CONSTRAINT donations_org_id_fkey REFERENCES organizations (id),
    id               uuid        NOT NULL,
    reference        text        NOT NULL CONSTRAINT donations_reference_check CHECK (char_length(reference) BETWEEN 4 AND 40),
    person_id        uuid,
    campaign_id      uuid,
    cause_id         uuid        NOT NULL,
    fund_id          uuid        NOT NULL,
    method           text        NOT NULL CONSTRAINT donations_method_check CHECK (method IN ('card', 'cheque', 'cash', 'bank_transfer', 'other')),
    status           text        NOT NULL CONSTRAINT donations_status_check CHECK (status IN ('draft', 'awaiting_payment', 'processing', 'requires_action', 'failed', 'expired', 'cancelled', 'succeeded', 'recorded', 'partially_refunded', 'refunded', 'review')),
    amount_minor     bigint      NOT NULL CONSTRAINT donations_amount_minor_check CHECK (amount_minor > 0),
    amount_currency  char(3)     NOT NULL,
    cover_minor      bigint      NOT NULL DEFAULT 0 CONSTRAINT donations_cover_minor_check CHECK (cover_minor >= 0),
    refunded_minor   bigint      NOT NULL DEFAULT 0 CONSTRAINT donations_refunded_minor_check CHECK (refunded_minor >= 0 AND (refunded_minor <= amount_minor + cover_minor OR status = 'review')),
    donor_first_name text        NOT NULL DEFAULT '',
    donor_last_name  text        NOT NULL DEFAULT '',
    donor_email      text        NOT NULL DEFAULT '',
    visibility       text        NOT NULL DEFAULT 'name_and_amount' CONSTRAINT donations_visibility_check CHECK (visibility IN ('name_and_amount', 'name', 'anonymous')),
    comment          text        NOT NULL DEFAULT '' CONSTRAINT donations_comment_check CHECK (char_length(comment) <= 500),
    email_consent    boolean     NOT NULL DEFAULT false,
    form_token       uuid,
    payment_number   text        NOT NULL DEFAULT '',
    note             text        NOT NULL DEFAULT '' CONSTRAINT donations_note_check CHECK (char_length(note) <= 2000),
    review_reason    text        NOT NULL DEFAULT '',
    received_on      date,
    initiated_at     timestamptz NOT NULL,
    succeeded_at     timestamptz,
    occurred_at      timestamptz NOT NULL,
    thanked_at       timestamptz,
    thanked_by       uuid,
    created_by       uuid,
    request_key      text,
    request_hash     bytea,
    updated_at       timestamptz NOT NULL,
    search           text        GENERATED ALWAYS AS (lower(' ' || reference || ' ' || donor_first_name || ' ' || donor_last_name || ' ' || donor_email)) STORED,
    CONSTRAINT donations_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT donations_reference_key UNIQUE (org_id, reference),
    CONSTRAINT donations_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id),
    CONSTRAINT donations_campaign_id_fkey FOREIGN KEY (org_id, campaign_id) REFERENCES campaigns (org_id, id),
    CONSTRAINT donations_fund_id_fkey FOREIGN KEY (org_id, cause_id, fund_id) REFERENCES funds (org_id, cause_id, id),
    CONSTRAINT donations_received_check CHECK (status NOT IN ('succeeded', 'recorded', 'partially_refunded', 'refunded') OR (received_on IS NOT NULL AND succeeded_at IS NOT NULL))
);
COMMENT ON TABLE donations IS 'Money received, or being received. status is derived from payments and refunds by domain/donation. amount is the gift, cover what the donor added for the fee; occurred_at is initiated_at until the money came, then succeeded_at. received_on is the receipt date in the organization''s zone. payment_number is a cheque or transfer number. request_key is the Idempotency-Key of the call that recorded it.';
CREATE UNIQUE INDEX donations_form_token_key ON donations (org_id, form_token) WHERE form_token IS NOT NULL;
CREATE UNIQUE INDEX donations_request_key_key ON donations (org_id, request_key) WHERE request_key IS NOT NULL;
CREATE INDEX donations_occurred_at_idx ON donations (org_id, occurred_at DESC, id DESC);
CREATE INDEX donations_status_idx ON donations (org_id, status, occurred_at DESC, id DESC);
CREATE INDEX donations_campaign_id_idx ON donations (org_id, campaign_id, occurred_at DESC, id DESC) INCLUDE (status) WHERE campaign_id IS NOT NULL;
CREATE INDEX donations_person_id_idx ON donations (org_id, person_id, occurred_at DESC, id DESC) WHERE person_id IS NOT NULL;
CREATE INDEX donations_to_thank_idx ON donations (org_id, occurred_at DESC, id DESC) WHERE thanked_at IS NULL AND status IN ('succeeded', 'recorded', 'partially_refunded');
CREATE INDEX donations_open_idx ON donations (org_id, initiated_at) WHERE status IN ('draft', 'awaiting_payment', 'processing', 'requires_action');
CREATE INDEX donations_search_idx ON donations USING gin (org_id, search gin_trgm_ops);
CALL isolate_searchable_tenant('donations');

-- One try to collect a donation's money: the exact request to Stripe, stored before it is sent, and what became of it.
CREATE TABLE payment_attempts (
    org_id            uuid        NOT NULL,
    id                uuid        NOT NULL,
    donation_id       uuid        NOT NULL,
    n                 integer     NOT NULL,
    idempotency_key   text        NOT NULL,
    params            jsonb       NOT NULL,
    stripe_account    text        NOT NULL DEFAULT '',
    state             text        NOT NULL CONSTRAINT payment_attempts_state_check CHECK (state IN ('created', 'open', 'processing', 'requires_action', 'succeeded', 'failed', 'expired', 'cancelled', 'unknown')),
    session_id        text,
    session_url       text        NOT NULL DEFAULT '',
    payment_intent_id text,
    decline_code      text        NOT NULL DEFAULT '',
    expires_at        timestamptz,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    CONSTRAINT payment_attempts_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT payment_attempts_donation_id_n_key UNIQUE (org_id, donation_id, n),
    CONSTRAINT payment_attempts_idempotency_key_key UNIQUE (org_id, idempotency_key),
    CONSTRAINT payment_attempts_session_id_key UNIQUE (org_id, session_id),
    CONSTRAINT payment_attempts_donation_id_fkey FOREIGN KEY (org_id, donation_id) REFERENCES donations (org_id, id)
);
COMMENT ON TABLE payment_attempts IS 'One try to collect a donation''s money. params is the exact request, resent under the same idempotency_key after a crash.';
CREATE UNIQUE INDEX payment_attempts_open_key ON payment_attempts (org_id, donation_id) WHERE state IN ('created', 'open', 'processing', 'requires_action', 'unknown');
CALL isolate_tenant('payment_attempts');

-- A charge as Stripe last told it. Money counted from here, never from the browser.
CREATE TABLE payments (
    org_id                 uuid        NOT NULL,
    charge_id              text        NOT NULL,
    donation_id            uuid        NOT NULL,
    payment_intent_id      text        NOT NULL,
    stripe_account         text        NOT NULL DEFAULT '',
    status                 text        NOT NULL CONSTRAINT payments_status_check CHECK (status IN ('pending', 'succeeded', 'failed')),
    amount_minor           bigint      NOT NULL,
    amount_currency        char(3)     NOT NULL,
    fee_minor              bigint,
    net_minor              bigint,
    balance_currency       char(3),
    balance_transaction_id text,
    brand                  text        NOT NULL DEFAULT '',
    last4                  text        NOT NULL DEFAULT '',
    exp_month              integer,
    exp_year               integer,
    failure_code           text        NOT NULL DEFAULT '',
    strange                text        NOT NULL DEFAULT '',
    charged_at             timestamptz NOT NULL,
    updated_at             timestamptz NOT NULL,
    CONSTRAINT payments_pkey PRIMARY KEY (org_id, charge_id),
    CONSTRAINT payments_donation_id_fkey FOREIGN KEY (org_id, donation_id) REFERENCES donations (org_id, id)
);
COMMENT ON TABLE payments IS 'A charge as Stripe last told it. fee, net and balance transaction stay null until Stripe knows them. strange: why a charge that succeeded is not the gift, decided once; empty for the gift.';
CREATE INDEX payments_donation_id_idx ON payments (org_id, donation_id);
CALL isolate_tenant('payments');

-- Money given back, asked for here or in Stripe's dashboard.
CREATE TABLE refunds (
    org_id                 uuid        NOT NULL,
    id                     uuid        NOT NULL,
    donation_id            uuid        NOT NULL,
    charge_id              text,
    stripe_refund_id       text,
    idempotency_key        text,
    amount_minor           bigint      NOT NULL CONSTRAINT refunds_amount_minor_check CHECK (amount_minor > 0),
    amount_currency        char(3)     NOT NULL,
    cover_minor            bigint      NOT NULL DEFAULT 0,
    status                 text        NOT NULL CONSTRAINT refunds_status_check CHECK (status IN ('requested', 'pending', 'requires_action', 'succeeded', 'failed', 'canceled')),
    reason                 text        NOT NULL CONSTRAINT refunds_reason_check CHECK (reason IN ('requested_by_donor', 'duplicate', 'fraudulent', 'mistake', 'bounced', 'other')),
    note                   text        NOT NULL DEFAULT '',
    failure_reason         text        NOT NULL DEFAULT '',
    balance_transaction_id text,
    requested_by           uuid,
    request_key            text,
    request_hash           bytea,
    requested_at           timestamptz NOT NULL,
    refunded_at            timestamptz,
    updated_at             timestamptz NOT NULL,
    CONSTRAINT refunds_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT refunds_stripe_refund_id_key UNIQUE (org_id, stripe_refund_id),
    CONSTRAINT refunds_request_key_key UNIQUE (org_id, request_key),
    CONSTRAINT refunds_donation_id_fkey FOREIGN KEY (org_id, donation_id) REFERENCES donations (org_id, id)
);
COMMENT ON TABLE refunds IS 'Money given back. charge_id is null for a gift that did not come by card. cover_minor is the part of amount taken from the fee cover.';
CREATE INDEX refunds_donation_id_idx ON refunds (org_id, donation_id);
CREATE INDEX refunds_open_idx ON refunds (org_id, requested_at) WHERE status IN ('requested', 'pending', 'requires_action');
CREATE INDEX refunds_failed_idx ON refunds (org_id, updated_at DESC) WHERE status = 'failed';
CALL isolate_tenant('refunds');

-- A transfer from the Stripe balance to the bank.
CREATE TABLE payouts (
    org_id                 uuid        NOT NULL CONSTRAINT payouts_org_id_fkey REFERENCES organizations (id),
    payout_id              text        NOT NULL,
    stripe_account         text        NOT NULL DEFAULT '',
    status                 text        NOT NULL CONSTRAINT payouts_status_check CHECK (status IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')),
    amount_minor           bigint      NOT NULL,
    amount_currency        char(3)     NOT NULL,
    arrival_on             date        NOT NULL,
    balance_transaction_id text,
    bank_matched_at        timestamptz,
    bank_matched_by        uuid,
    created_at             timestamptz NOT NULL,
    updated_at             timestamptz NOT NULL,
    CONSTRAINT payouts_pkey PRIMARY KEY (org_id, payout_id)
);
COMMENT ON TABLE payouts IS 'A transfer from the Stripe balance to the bank; bank_matched_at when staff found it on the bank statement.';
CREATE INDEX payouts_created_at_idx ON payouts (org_id, created_at DESC, payout_id DESC);
CALL isolate_tenant('payouts');

-- Which organization and donation a Stripe object belongs to: written by us, so that an event is never routed by its own metadata alone.
CREATE TABLE stripe_objects (
    stripe_id   text        NOT NULL,
    org_id      uuid        NOT NULL CONSTRAINT stripe_objects_org_id_fkey REFERENCES organizations (id),
    donation_id uuid,
    created_at  timestamptz NOT NULL,
    CONSTRAINT stripe_objects_pkey PRIMARY KEY (stripe_id)
);
COMMENT ON TABLE stripe_objects IS 'Which organization and donation a Stripe object (cs_, pi_, ch_) belongs to. Not tenant data: only ids.';

-- Every event Stripe sent, once. The payload is a hint; facts are fetched again.
CREATE TABLE stripe_events (
    event_id     text        NOT NULL,
    account      text        NOT NULL DEFAULT '',
    type         text        NOT NULL,
    object_id    text        NOT NULL,
    api_version  text        NOT NULL DEFAULT '',
    livemode     boolean     NOT NULL,
    created      timestamptz NOT NULL,
    received_at  timestamptz NOT NULL,
    payload      jsonb       NOT NULL,
    state        text        NOT NULL CONSTRAINT stripe_events_state_check CHECK (state IN ('received', 'applied', 'ignored', 'parked', 'failed')),
    attempts     integer     NOT NULL DEFAULT 0,
    last_error   text        NOT NULL DEFAULT '',
    org_id       uuid        CONSTRAINT stripe_events_org_id_fkey REFERENCES organizations (id),
    donation_id  uuid,
    processed_at timestamptz,
    CONSTRAINT stripe_events_pkey PRIMARY KEY (event_id)
);
COMMENT ON TABLE stripe_events IS 'Every event Stripe sent, once; state says what became of it. parked: its donation is not known (yet). org_id and donation_id once known. The payload is emptied after 90 days.';
CREATE INDEX stripe_events_open_idx ON stripe_events (received_at) WHERE state IN ('received', 'parked', 'failed');
CREATE INDEX stripe_events_failed_idx ON stripe_events (org_id, received_at DESC) WHERE state = 'failed';
CREATE INDEX stripe_events_payload_idx ON stripe_events (received_at) WHERE payload <> '{}'::jsonb;

-- How far listing events has come, so that an outage is caught up.
CREATE TABLE stripe_checkpoints (
    account    text        NOT NULL,
    created    timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT stripe_checkpoints_pkey PRIMARY KEY (account)
);
COMMENT ON TABLE stripe_checkpoints IS 'Up to when Stripe''s events of an account ('''' is our own) were listed and stored.';

-- +goose Down
SELECT 'migrations only go forward';
