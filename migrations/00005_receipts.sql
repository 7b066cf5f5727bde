-- Receipts: immutable, numbered without gaps per legal entity and year.
-- +goose Up

-- The last number given in a series; locked while a receipt takes the next.
CREATE TABLE receipt_counters (
    org_id      uuid     NOT NULL CONSTRAINT receipt_counters_org_id_fkey REFERENCES organizations (id),
    series      text     NOT NULL,
    year        smallint NOT NULL,
    mark        text     NOT NULL DEFAULT '',
    last_number integer  NOT NULL CONSTRAINT receipt_counters_last_number_check CHECK (last_number >= 0),
    CONSTRAINT receipt_counters_pkey PRIMARY KEY (org_id, series, year)
);
COMMENT ON TABLE receipt_counters IS 'The last receipt number given per legal entity (series) and year. mark is printed before the number when one organization''s books change legal entity within a year, so that no two receipts carry the same text.';
CALL isolate_tenant('receipt_counters');

CREATE TABLE receipts (
    org_id          uuid        NOT NULL,
    id              uuid        NOT NULL,
    donation_id     uuid        NOT NULL,
    series          text        NOT NULL,
    year            smallint    NOT NULL,
    number          integer     NOT NULL CONSTRAINT receipts_number_check CHECK (number > 0),
    replaces_id     uuid,
    amount_minor    bigint      NOT NULL CONSTRAINT receipts_amount_minor_check CHECK (amount_minor > 0),
    amount_currency char(3)     NOT NULL,
    received_on     date        NOT NULL,
    content         jsonb       NOT NULL,
    issued_at       timestamptz NOT NULL,
    CONSTRAINT receipts_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT receipts_number_key UNIQUE (org_id, series, year, number),
    CONSTRAINT receipts_replaces_id_key UNIQUE (org_id, replaces_id),
    CONSTRAINT receipts_replaces_id_fkey FOREIGN KEY (org_id, replaces_id) REFERENCES receipts (org_id, id),
    CONSTRAINT receipts_donation_id_fkey FOREIGN KEY (org_id, donation_id) REFERENCES donations (org_id, id)
);
COMMENT ON TABLE receipts IS 'Append-only: an official receipt. content is everything printed on it, frozen; the PDF is rendered from it.';
CREATE INDEX receipts_donation_id_idx ON receipts (org_id, donation_id);
CREATE INDEX receipts_issued_at_idx ON receipts (org_id, issued_at DESC, id DESC);
CALL isolate_tenant('receipts');
CALL append_only('receipts');

CREATE TABLE receipt_voids (
    org_id     uuid        NOT NULL,
    receipt_id uuid        NOT NULL,
    reason     text        NOT NULL,
    voided_by  uuid,
    voided_at  timestamptz NOT NULL,
    CONSTRAINT receipt_voids_pkey PRIMARY KEY (org_id, receipt_id),
    CONSTRAINT receipt_voids_receipt_id_fkey FOREIGN KEY (org_id, receipt_id) REFERENCES receipts (org_id, id)
);
COMMENT ON TABLE receipt_voids IS 'Append-only: a receipt that no longer stands, and why.';
CALL isolate_tenant('receipt_voids');
CALL append_only('receipt_voids');

-- The one receipt a donation stands on: its key is what makes a second one impossible.
CREATE TABLE standing_receipts (
    org_id      uuid NOT NULL,
    donation_id uuid NOT NULL,
    receipt_id  uuid NOT NULL,
    CONSTRAINT standing_receipts_pkey PRIMARY KEY (org_id, donation_id),
    CONSTRAINT standing_receipts_receipt_id_key UNIQUE (org_id, receipt_id),
    CONSTRAINT standing_receipts_donation_id_fkey FOREIGN KEY (org_id, donation_id) REFERENCES donations (org_id, id),
    CONSTRAINT standing_receipts_receipt_id_fkey FOREIGN KEY (org_id, receipt_id) REFERENCES receipts (org_id, id)
);
COMMENT ON TABLE standing_receipts IS 'The one official receipt a donation stands on.';
CALL isolate_tenant('standing_receipts');

-- +goose Down
SELECT 'migrations only go forward';
