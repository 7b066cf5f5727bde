-- $1 organization: a payout a week, with its two bookings left to the program.
INSERT INTO payouts (org_id, payout_id, status, amount_minor, amount_currency, arrival_on, created_at, updated_at)
SELECT $1::uuid, 'po_' || md5($1::uuid::text || w), 'paid', 100000 + w, 'USD', date '2021-11-24' + w * 7, timestamptz '2021-11-22 08:00Z' + w * interval '7 days', timestamptz '2021-11-24 08:00Z' + w * interval '7 days'
FROM generate_series(0, 260) w
