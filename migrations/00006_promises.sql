-- Promises: plans that charge a saved card, and pledges; their instalments; the cards.
-- +goose Up

-- A card that a person saved with Stripe.
CREATE TABLE saved_cards (
    org_id            uuid        NOT NULL,
    id                uuid        NOT NULL,
    person_id         uuid        NOT NULL,
    stripe_account    text        NOT NULL DEFAULT '',
    customer_id       text        NOT NULL,
    payment_method_id text        NOT NULL,
    brand             text        NOT NULL DEFAULT '',
    last4             text        NOT NULL DEFAULT '',
    exp_month         integer     NOT NULL DEFAULT 0,
    exp_year          integer     NOT NULL DEFAULT 0,
    detached_at       timestamptz,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    CONSTRAINT saved_cards_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT saved_cards_payment_method_id_key UNIQUE (org_id, payment_method_id),
    CONSTRAINT saved_cards_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id)
);
COMMENT ON TABLE saved_cards IS 'A card that a person saved with Stripe: ids and what may be shown, never what could charge it by itself. detached_at: it can no longer be charged.';
CREATE INDEX saved_cards_person_id_idx ON saved_cards (org_id, person_id, created_at DESC);
CALL isolate_tenant('saved_cards');

-- A plan charges the same amount again and again; a pledge is one amount in parts.
CREATE TABLE promises (
    org_id             uuid        NOT NULL CONSTRAINT promises_org_id_fkey REFERENCES organizations (id),
    id                 uuid        NOT NULL,
    reference          text        NOT NULL,
    kind               text        NOT NULL CONSTRAINT promises_kind_check CHECK (kind IN ('plan', 'pledge')),
    status             text        NOT NULL CONSTRAINT promises_status_check CHECK (status IN ('pending_setup', 'active', 'past_due', 'needs_payment_method', 'lapsed', 'completed', 'written_off', 'cancelled')),
    person_id          uuid,
    donor_first_name   text        NOT NULL DEFAULT '',
    donor_last_name    text        NOT NULL DEFAULT '',
    donor_email        text        NOT NULL DEFAULT '',
    campaign_id        uuid,
    cause_id           uuid        NOT NULL,
    fund_id            uuid        NOT NULL,
    amount_minor       bigint      NOT NULL CONSTRAINT promises_amount_minor_check CHECK (amount_minor > 0),
    amount_currency    char(3)     NOT NULL,
    cover_minor        bigint      NOT NULL DEFAULT 0 CONSTRAINT promises_cover_minor_check CHECK (cover_minor >= 0),
    unit               text        NOT NULL CONSTRAINT promises_unit_check CHECK (unit IN ('week', 'month', 'year')),
    every              integer     NOT NULL CONSTRAINT promises_every_check CHECK (every BETWEEN 1 AND 12),
    count              integer     CONSTRAINT promises_count_check CHECK (count > 0),
    anchor_on          date        NOT NULL,
    anchor_day         integer     NOT NULL CONSTRAINT promises_anchor_day_check CHECK (anchor_day BETWEEN 1 AND 31),
    anchor_n           integer     NOT NULL,
    zone               text        NOT NULL,
    method             text        NOT NULL CONSTRAINT promises_method_check CHECK (method IN ('card', 'link')),
    card_id            uuid,
    paused_until       date,
    visibility         text        NOT NULL CONSTRAINT promises_visibility_check CHECK (visibility IN ('name_and_amount', 'name', 'anonymous')),
    email_consent      boolean     NOT NULL DEFAULT false,
    remind_before_days integer     NOT NULL DEFAULT 0,
    remind_every_days  integer     NOT NULL DEFAULT 0,
    remind_at_most     integer     NOT NULL DEFAULT 0,
    books              boolean     NOT NULL DEFAULT false,
    booked_minor       bigint      NOT NULL DEFAULT 0,
    lapsed_at          timestamptz,
    written_off_at     timestamptz,
    cancelled_at       timestamptz,
    closed_by          text        NOT NULL DEFAULT '',
    close_reason       text        NOT NULL DEFAULT '',
    form_token         uuid,
    request_key        text,
    request_hash       bytea,
    note               text        NOT NULL DEFAULT '' CONSTRAINT promises_note_check CHECK (char_length(note) <= 2000),
    created_by         uuid,
    version            integer     NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    search             text        GENERATED ALWAYS AS (lower(' ' || reference || ' ' || donor_first_name || ' ' || donor_last_name || ' ' || donor_email)) STORED,
    CONSTRAINT promises_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT promises_reference_key UNIQUE (org_id, reference),
    CONSTRAINT promises_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id),
    CONSTRAINT promises_campaign_id_fkey FOREIGN KEY (org_id, campaign_id) REFERENCES campaigns (org_id, id),
    CONSTRAINT promises_fund_id_fkey FOREIGN KEY (org_id, cause_id, fund_id) REFERENCES funds (org_id, cause_id, id),
    CONSTRAINT promises_card_id_fkey FOREIGN KEY (org_id, card_id) REFERENCES saved_cards (org_id, id),
    CONSTRAINT promises_person_check CHECK (status IN ('pending_setup', 'cancelled') OR person_id IS NOT NULL),
    CONSTRAINT promises_pledge_check CHECK (kind = 'plan' OR count IS NOT NULL)
);
COMMENT ON TABLE promises IS 'Money promised ahead. amount is that of each instalment of a plan, the total of a pledge. status is derived from the instalments by domain/promise; paused and overdue follow from dates and are not stored. Instalment n is due anchor_on + (n - anchor_n) * every units, on day anchor_day or the last of its month. books: the ledger carries it as receivable, booked_minor now.';
CREATE UNIQUE INDEX promises_form_token_key ON promises (org_id, form_token) WHERE form_token IS NOT NULL;
CREATE UNIQUE INDEX promises_request_key_key ON promises (org_id, request_key) WHERE request_key IS NOT NULL;
CREATE INDEX promises_created_at_idx ON promises (org_id, created_at DESC, id DESC);
CREATE INDEX promises_kind_idx ON promises (org_id, kind, created_at DESC, id DESC) INCLUDE (status);
CREATE INDEX promises_status_idx ON promises (org_id, status, created_at DESC, id DESC);
CREATE INDEX promises_person_id_idx ON promises (org_id, person_id, created_at DESC, id DESC) WHERE person_id IS NOT NULL;
CREATE INDEX promises_campaign_id_idx ON promises (org_id, campaign_id) WHERE kind = 'pledge' AND status IN ('active', 'past_due', 'needs_payment_method');
CREATE INDEX promises_campaign_id_created_at_idx ON promises (org_id, campaign_id, created_at DESC, id DESC) WHERE campaign_id IS NOT NULL;
CREATE INDEX promises_paused_until_idx ON promises (org_id, paused_until) WHERE paused_until IS NOT NULL;
CREATE INDEX promises_card_id_idx ON promises (org_id, card_id) WHERE card_id IS NOT NULL;
CREATE INDEX promises_search_idx ON promises USING gin (org_id, search gin_trgm_ops);
CALL isolate_searchable_tenant('promises');

-- One part of a promise. Of an open plan only the next one exists.
CREATE TABLE instalments (
    org_id          uuid        NOT NULL,
    id              uuid        NOT NULL,
    promise_id      uuid        NOT NULL,
    n               integer     NOT NULL CONSTRAINT instalments_n_check CHECK (n > 0),
    due_on          date        NOT NULL,
    planned_minor   bigint      NOT NULL CONSTRAINT instalments_planned_minor_check CHECK (planned_minor >= 0),
    amount_minor    bigint      NOT NULL CONSTRAINT instalments_amount_minor_check CHECK (amount_minor >= 0),
    amount_currency char(3)     NOT NULL,
    cover_minor     bigint      NOT NULL DEFAULT 0 CONSTRAINT instalments_cover_minor_check CHECK (cover_minor >= 0),
    paid_minor      bigint      NOT NULL DEFAULT 0 CONSTRAINT instalments_paid_minor_check CHECK (paid_minor >= 0),
    state           text        NOT NULL CONSTRAINT instalments_state_check CHECK (state IN ('scheduled', 'due', 'attempting', 'unknown', 'processing', 'requires_action', 'retry_wait', 'failed', 'paid', 'skipped', 'waived', 'written_off', 'cancelled')),
    attempt         integer     NOT NULL DEFAULT 0,
    tries           integer     NOT NULL DEFAULT 0,
    donation_id     uuid,
    decline_code    text        NOT NULL DEFAULT '',
    reason          text        NOT NULL DEFAULT '',
    act_at          timestamptz,
    reminders       integer     NOT NULL DEFAULT 0,
    reminded_at     timestamptz,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CONSTRAINT instalments_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT instalments_promise_id_n_key UNIQUE (org_id, promise_id, n),
    CONSTRAINT instalments_promise_id_fkey FOREIGN KEY (org_id, promise_id) REFERENCES promises (org_id, id)
);
COMMENT ON TABLE instalments IS 'One part of a promise; of an open plan only the next one exists. planned is as the schedule set it, amount what is asked for now, paid what came net of refunds. act_at: when something is to be done about it by itself; null when nothing is.';
CREATE INDEX instalments_act_at_idx ON instalments (org_id, act_at) WHERE act_at IS NOT NULL;
CREATE INDEX instalments_open_idx ON instalments (org_id, due_on, id) INCLUDE (promise_id, state, amount_minor) WHERE state IN ('scheduled', 'due', 'attempting', 'unknown', 'processing', 'requires_action', 'retry_wait', 'failed');
CREATE INDEX instalments_dunned_idx ON instalments (org_id, due_on, id) WHERE state IN ('retry_wait', 'requires_action', 'failed');
CREATE INDEX instalments_promise_id_open_idx ON instalments (org_id, promise_id, n) WHERE state IN ('scheduled', 'due', 'attempting', 'unknown', 'processing', 'requires_action', 'retry_wait', 'failed');
CREATE INDEX instalments_paid_idx ON instalments (org_id, promise_id) INCLUDE (paid_minor) WHERE paid_minor > 0;
CALL isolate_tenant('instalments');

ALTER TABLE donations ADD COLUMN instalment_id uuid,
    ADD CONSTRAINT donations_instalment_id_fkey FOREIGN KEY (org_id, instalment_id) REFERENCES instalments (org_id, id) ON DELETE SET NULL (instalment_id);
CREATE INDEX donations_instalment_id_idx ON donations (org_id, instalment_id) WHERE instalment_id IS NOT NULL;
-- One gift at a time collects an instalment: the guard against charging twice that needs nobody to be careful.
CREATE UNIQUE INDEX donations_instalment_id_open_key ON donations (org_id, instalment_id)
    WHERE instalment_id IS NOT NULL AND status IN ('draft', 'awaiting_payment', 'processing', 'requires_action', 'failed', 'expired');
ALTER TABLE instalments ADD CONSTRAINT instalments_donation_id_fkey FOREIGN KEY (org_id, donation_id) REFERENCES donations (org_id, id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE payment_attempts ADD COLUMN kind text NOT NULL DEFAULT 'page' CONSTRAINT payment_attempts_kind_check CHECK (kind IN ('page', 'charge')),
    ADD COLUMN charge_params jsonb,
    ADD CONSTRAINT payment_attempts_charge_params_check CHECK (kind = 'page' OR charge_params IS NOT NULL);

-- One try to save a card without paying: the exact request to Stripe, stored before it is sent.
CREATE TABLE card_setups (
    org_id          uuid        NOT NULL CONSTRAINT card_setups_org_id_fkey REFERENCES organizations (id),
    id              uuid        NOT NULL,
    person_id       uuid,
    promise_id      uuid,
    idempotency_key text        NOT NULL,
    params          jsonb       NOT NULL,
    stripe_account  text        NOT NULL DEFAULT '',
    state           text        NOT NULL CONSTRAINT card_setups_state_check CHECK (state IN ('created', 'open', 'succeeded', 'expired', 'failed')),
    session_id      text,
    session_url     text        NOT NULL DEFAULT '',
    expires_at      timestamptz,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CONSTRAINT card_setups_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT card_setups_idempotency_key_key UNIQUE (org_id, idempotency_key),
    CONSTRAINT card_setups_session_id_key UNIQUE (org_id, session_id),
    CONSTRAINT card_setups_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id),
    CONSTRAINT card_setups_promise_id_fkey FOREIGN KEY (org_id, promise_id) REFERENCES promises (org_id, id)
);
COMMENT ON TABLE card_setups IS 'One try to save a card without paying. params is the exact request, resent under the same idempotency_key after a crash.';
CREATE INDEX card_setups_promise_id_idx ON card_setups (org_id, promise_id, created_at DESC) WHERE promise_id IS NOT NULL;
CALL isolate_tenant('card_setups');

ALTER TABLE campaigns ADD COLUMN offer_monthly boolean NOT NULL DEFAULT true,
    ADD COLUMN monthly_suggested_minor bigint[] NOT NULL DEFAULT '{}' CONSTRAINT campaigns_monthly_suggested_minor_check CHECK (cardinality(monthly_suggested_minor) <= 6),
    ADD COLUMN monthly_default_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN offer_pledge boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN campaigns.monthly_suggested_minor IS 'Tiles of a monthly gift; empty: made from the usual ones of the currency.';

ALTER TABLE organizations ADD COLUMN book_pledges boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN organizations.book_pledges IS 'New pledges are carried in the ledger as receivable; otherwise a pledge is a memo until money comes.';

ALTER TABLE people ADD COLUMN anonymised_at timestamptz;
COMMENT ON COLUMN people.anonymised_at IS 'Since then the record names nobody: what told who it was is gone, what was given stays.';

ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_account_check;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_account_check CHECK (account IN ('stripe_clearing', 'income', 'fee_cover', 'processing_fees', 'fee_variance', 'refunds_payable', 'cash_in_transit', 'bank', 'bank_fees', 'cheques_on_hand', 'cash_on_hand', 'suspense', 'pledge_receivable', 'pledged_income', 'bad_debt')) NOT VALID;

-- +goose Down
SELECT 'migrations only go forward';
