-- The double-entry ledger.
-- +goose Up

-- One business event, booked once: (kind, source) is unique.
CREATE TABLE ledger_transactions (
    org_id      uuid        NOT NULL CONSTRAINT ledger_transactions_org_id_fkey REFERENCES organizations (id),
    id          uuid        NOT NULL,
    seq         bigint      GENERATED ALWAYS AS IDENTITY,
    kind        text        NOT NULL,
    source_type text        NOT NULL,
    source_id   text        NOT NULL,
    donation_id uuid,
    reverses_id uuid,
    memo        text        NOT NULL DEFAULT '',
    occurred_at timestamptz NOT NULL,
    posted_at   timestamptz NOT NULL,
    CONSTRAINT ledger_transactions_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT ledger_transactions_source_key UNIQUE (org_id, kind, source_type, source_id),
    CONSTRAINT ledger_transactions_reverses_id_key UNIQUE (org_id, reverses_id),
    CONSTRAINT ledger_transactions_reverses_id_fkey FOREIGN KEY (org_id, reverses_id) REFERENCES ledger_transactions (org_id, id),
    CONSTRAINT ledger_transactions_donation_id_fkey FOREIGN KEY (org_id, donation_id) REFERENCES donations (org_id, id)
);
COMMENT ON TABLE ledger_transactions IS 'Append-only: one business event, booked once. A correction is a new transaction that reverses an old one.';
CREATE INDEX ledger_transactions_donation_id_idx ON ledger_transactions (org_id, donation_id) WHERE donation_id IS NOT NULL;
CREATE INDEX ledger_transactions_seq_idx ON ledger_transactions (org_id, seq DESC);
CALL isolate_tenant('ledger_transactions');
CALL append_only('ledger_transactions');

-- One line: positive is a debit, negative a credit.
CREATE TABLE ledger_entries (
    org_id         uuid     NOT NULL,
    transaction_id uuid     NOT NULL,
    line           smallint NOT NULL,
    account        text     NOT NULL CONSTRAINT ledger_entries_account_check CHECK (account IN ('stripe_clearing', 'income', 'fee_cover', 'processing_fees', 'fee_variance', 'refunds_payable', 'cash_in_transit', 'bank', 'bank_fees', 'cheques_on_hand', 'cash_on_hand', 'suspense')),
    cause_id       uuid,
    fund_id        uuid,
    campaign_id    uuid,
    amount_minor   bigint   NOT NULL CONSTRAINT ledger_entries_amount_minor_check CHECK (amount_minor <> 0),
    currency       char(3)  NOT NULL,
    CONSTRAINT ledger_entries_pkey PRIMARY KEY (org_id, transaction_id, line),
    CONSTRAINT ledger_entries_transaction_id_fkey FOREIGN KEY (org_id, transaction_id) REFERENCES ledger_transactions (org_id, id)
);
COMMENT ON TABLE ledger_entries IS 'Append-only: one line of a ledger transaction. Positive is a debit, negative a credit, in minor units.';
CREATE INDEX ledger_entries_account_idx ON ledger_entries (org_id, account, currency) INCLUDE (amount_minor);
CREATE INDEX ledger_entries_campaign_id_idx ON ledger_entries (org_id, campaign_id, account, currency) INCLUDE (amount_minor) WHERE campaign_id IS NOT NULL;
CALL isolate_tenant('ledger_entries');
CALL append_only('ledger_entries');

-- +goose StatementBegin
CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT coalesce(sum(lines), 0) < 2 OR bool_or(balance <> 0) FROM (
        SELECT count(*) AS lines, sum(e.amount_minor) AS balance FROM ledger_entries e
        WHERE e.org_id = NEW.org_id AND e.transaction_id = NEW.id GROUP BY e.currency) currencies) THEN
        RAISE EXCEPTION 'ledger transaction % does not balance', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transactions_balance';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Entries may join only a transaction written by this same database transaction: a booked one is closed. Asked once per statement and
-- ledger transaction, not per entry; the subquery cannot be turned into a join, so it goes by the primary key however large the ledger is.
CREATE FUNCTION ledger_entries_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed uuid;
BEGIN
    SELECT a.transaction_id INTO closed FROM (SELECT DISTINCT org_id, transaction_id FROM added) a
        WHERE (SELECT t.xmin FROM ledger_transactions t WHERE t.org_id = a.org_id AND t.id = a.transaction_id)
            IS DISTINCT FROM pg_current_xact_id()::xid
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger transaction % is closed', closed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_closed';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE CONSTRAINT TRIGGER ledger_transactions_balance AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances();
CREATE TRIGGER ledger_entries_closed AFTER INSERT ON ledger_entries
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_closed();

-- +goose Down
SELECT 'migrations only go forward';
