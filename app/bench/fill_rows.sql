-- What a gift leaves behind. Each statement reads the temporary table gifts. A line of dashes ends a statement.
INSERT INTO donations (org_id, id, reference, person_id, campaign_id, cause_id, fund_id, method, status, amount_minor, amount_currency, cover_minor,
    refunded_minor, donor_first_name, donor_last_name, donor_email, visibility, comment, received_on, initiated_at, succeeded_at, occurred_at, thanked_at, updated_at)
SELECT org_id, id, 'B-' || lpad(n::text, 8, '0'), person_id, campaign_id, cause_id, fund_id, method, status, amount, 'USD', cover,
    CASE status WHEN 'refunded' THEN amount + cover WHEN 'partially_refunded' THEN 500 ELSE 0 END, first_name, last_name, email, 'name_and_amount',
    CASE WHEN n % 7 = 0 THEN 'Keep up the good work!' ELSE '' END, CASE WHEN status <> 'expired' THEN (at AT TIME ZONE 'America/New_York')::date END,
    at, CASE WHEN status <> 'expired' THEN at END, at, CASE WHEN status IN ('succeeded', 'recorded', 'partially_refunded', 'refunded') AND NOT unthanked THEN at + interval '2 days' END, at
FROM gifts
----
INSERT INTO payment_attempts (org_id, id, donation_id, n, idempotency_key, params, state, session_id, payment_intent_id, created_at, updated_at)
SELECT org_id, pg_temp.uuid7(at, 'attempt:' || id), id, 1, 'checkout-' || id, '{"mode":"payment"}',
    CASE status WHEN 'expired' THEN 'expired' ELSE 'succeeded' END, 'cs_' || md5(id::text), 'pi_' || md5(id::text), at, at
FROM gifts WHERE method = 'card'
----
INSERT INTO stripe_objects (stripe_id, org_id, donation_id, created_at)
SELECT prefix || md5(id::text), org_id, id, at FROM gifts, unnest(ARRAY['cs_', 'pi_', 'ch_']) prefix WHERE method = 'card' AND status <> 'expired'
----
INSERT INTO payments (org_id, charge_id, donation_id, payment_intent_id, status, amount_minor, amount_currency, fee_minor, net_minor, balance_currency,
    balance_transaction_id, brand, last4, charged_at, updated_at)
SELECT org_id, 'ch_' || md5(id::text), id, 'pi_' || md5(id::text), 'succeeded', amount + cover, 'USD', 180, amount + cover - 180, 'USD',
    'txn_' || md5(id::text), 'visa', '4242', at, at
FROM gifts WHERE method = 'card' AND status <> 'expired'
----
INSERT INTO refunds (org_id, id, donation_id, charge_id, stripe_refund_id, amount_minor, amount_currency, cover_minor, status, reason, requested_at, refunded_at, updated_at)
SELECT org_id, pg_temp.uuid7(at, 'refund:' || id), id, 'ch_' || md5(id::text), 're_' || md5(id::text),
    CASE status WHEN 'refunded' THEN amount + cover ELSE 500 END, 'USD', CASE status WHEN 'refunded' THEN cover ELSE 0 END, 'succeeded', 'requested_by_donor',
    at + interval '3 days', at + interval '3 days', at + interval '3 days'
FROM gifts WHERE status IN ('refunded', 'partially_refunded')
----
INSERT INTO ledger_transactions (org_id, id, kind, source_type, source_id, donation_id, occurred_at, posted_at)
SELECT org_id, pg_temp.uuid7(at, 'booked:' || id), CASE method WHEN 'card' THEN 'gift_received' ELSE 'offline_received' END,
    CASE method WHEN 'card' THEN 'stripe_charge' ELSE 'donation' END, CASE method WHEN 'card' THEN 'ch_' || md5(id::text) ELSE id::text END, id, at, at
FROM gifts WHERE status NOT IN ('expired', 'review')
UNION ALL
SELECT org_id, pg_temp.uuid7(at, 'fee:' || id), 'fee_known', 'stripe_balance_transaction', 'txn_' || md5(id::text), id, at, at
FROM gifts WHERE method = 'card' AND status NOT IN ('expired', 'review')
UNION ALL
SELECT org_id, pg_temp.uuid7(at, 'returned:' || id), 'refund_created', 'refund', 're_' || md5(id::text), id, at + interval '3 days', at + interval '3 days'
FROM gifts WHERE status IN ('refunded', 'partially_refunded')
----
INSERT INTO ledger_entries (org_id, transaction_id, line, account, cause_id, fund_id, campaign_id, amount_minor, currency)
SELECT org_id, pg_temp.uuid7(at, e.booking || ':' || id), e.line, e.account, CASE WHEN e.purpose THEN cause_id END, CASE WHEN e.purpose THEN fund_id END,
    CASE WHEN e.purpose THEN campaign_id END, e.minor, 'USD'
FROM gifts, LATERAL (VALUES
    ('booked', 1, CASE method WHEN 'card' THEN 'stripe_clearing' WHEN 'cheque' THEN 'cheques_on_hand' WHEN 'cash' THEN 'cash_on_hand' ELSE 'bank' END, amount + cover, false),
    ('booked', 2, 'income', -amount, true),
    ('booked', 3, 'fee_cover', -cover, false),
    ('fee', 1, 'processing_fees', CASE method WHEN 'card' THEN 180 ELSE 0 END, true),
    ('fee', 2, 'stripe_clearing', CASE method WHEN 'card' THEN -180 ELSE 0 END, false),
    ('returned', 1, 'income', CASE status WHEN 'refunded' THEN amount + cover WHEN 'partially_refunded' THEN 500 ELSE 0 END, true),
    ('returned', 2, 'refunds_payable', CASE status WHEN 'refunded' THEN -amount - cover WHEN 'partially_refunded' THEN -500 ELSE 0 END, false)
) AS e (booking, line, account, minor, purpose)
WHERE status NOT IN ('expired', 'review') AND e.minor <> 0
----
INSERT INTO audit_events (org_id, id, at, actor_kind, action, subject_type, subject_id, after)
SELECT org_id, pg_temp.uuid7(at, 'audit:' || id), at, 'system', CASE method WHEN 'card' THEN 'donation.succeeded' ELSE 'donation.recorded' END, 'donation', id,
    jsonb_build_object('amount_minor', amount, 'currency', 'USD', 'method', method)
FROM gifts
----
WITH counted AS (
    SELECT g.*, extract(year FROM at)::smallint AS year, row_number() OVER (PARTITION BY extract(year FROM at) ORDER BY n) AS in_year
    FROM gifts g WHERE status IN ('succeeded', 'recorded')
), counters AS (
    INSERT INTO receipt_counters AS c (org_id, series, year, last_number)
    SELECT org_id, left(org_id::text, 8), year, max(in_year) FROM counted GROUP BY 1, 2, 3
    ON CONFLICT (org_id, series, year) DO UPDATE SET last_number = c.last_number + excluded.last_number
    RETURNING year, last_number
), issued AS (
    INSERT INTO receipts (org_id, id, donation_id, series, year, number, amount_minor, amount_currency, received_on, content, issued_at)
    SELECT g.org_id, pg_temp.uuid7(g.at, 'receipt:' || g.id), g.id, left(g.org_id::text, 8), g.year, c.last_number - t.taken + g.in_year, g.amount + g.cover, 'USD',
        (g.at AT TIME ZONE 'America/New_York')::date,
        jsonb_build_object('version', 1, 'language', 'en', 'paper', 'a4', 'title', 'Donation receipt', 'number', g.year || '-' || lpad((c.last_number - t.taken + g.in_year)::text, 6, '0'),
            'issued_on', to_char(g.at, 'YYYY-MM-DD'), 'tax_year', g.year, 'legal_name', 'Bench Inc.', 'donor_name', g.first_name || ' ' || g.last_name, 'donor_email', g.email,
            'lines', '[]'::jsonb, 'statements', jsonb_build_array('No goods or services were provided in exchange for this contribution.'), 'amount_minor', g.amount + g.cover,
            'gift_minor', g.amount, 'cover_minor', g.cover, 'refunded_minor', 0, 'currency', 'USD', 'reference', 'B-' || lpad(g.n::text, 8, '0')),
        g.at
    FROM counted g JOIN counters c USING (year) JOIN (SELECT year, max(in_year) AS taken FROM counted GROUP BY year) t USING (year)
    RETURNING org_id, id, donation_id
)
INSERT INTO standing_receipts (org_id, donation_id, receipt_id) SELECT org_id, donation_id, id FROM issued
----
INSERT INTO messages (org_id, id, kind, dedupe_key, person_id, donation_id, to_email, to_name, subject, text_body, html_body, state, attempts, created_at, sent_at)
SELECT org_id, pg_temp.uuid7(at, 'message:' || id), 'receipt.issued', 'receipt.issued:' || id, person_id, id, email, first_name || ' ' || last_name, 'Your receipt',
    repeat('Thank you for your gift. ', 8), repeat('<p>Thank you for your gift.</p> ', 16), 'sent', 1, at, at
FROM gifts WHERE status IN ('succeeded', 'recorded') AND n % 4 = 0
----
INSERT INTO stripe_events (event_id, type, object_id, livemode, created, received_at, payload, state, attempts, processed_at)
SELECT 'evt_' || md5(id::text), 'checkout.session.completed', 'cs_' || md5(id::text), false, at, at,
    jsonb_build_object('id', 'evt_' || md5(id::text), 'object', 'event', 'padding', repeat('x', 500)), 'applied', 1, at
FROM gifts WHERE method = 'card' AND n % 20 = 0
