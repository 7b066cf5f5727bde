-- The gifts $4 to $5 of the organization's $6, worked out once for all the tables that tell of them. $1 ordinal, $2 organization, $3 number of
-- its people. Two thirds come by card; of a hundred card payments three never finish and two are given back, one of them in part.
INSERT INTO gifts
SELECT $2, pg_temp.uuid7(at, $1::int || ':gift:' || i), i, at,
    pg_temp.uuid7(pg_temp.person_at(person, $3::bigint), $1::int || ':person:' || person),
    CASE WHEN campaign < 9 THEN pg_temp.uuid7(pg_temp.campaign_at(campaign), $1::int || ':campaign:' || campaign) END,
    pg_temp.uuid7('2021-11-22Z', $1::int || ':cause:' || campaign % 3), pg_temp.uuid7('2021-11-22Z', $1::int || ':fund:' || campaign % 3),
    CASE WHEN luck >= 67 THEN (ARRAY['cheque','cheque','cash','bank_transfer'])[luck % 4 + 1] ELSE 'card' END,
    CASE WHEN luck >= 67 THEN 'recorded' WHEN luck < 3 THEN 'expired' WHEN luck = 3 THEN 'refunded' WHEN luck = 4 THEN 'partially_refunded'
        WHEN luck = 5 AND i % 50 = 0 THEN 'review' ELSE 'succeeded' END,
    (ARRAY[1000,2500,2500,5000,5000,10000,25000,100000])[pg_temp.pick(i, 52, 8) + 1], CASE WHEN luck BETWEEN 10 AND 50 THEN 180 ELSE 0 END,
    pg_temp.first_name(pg_temp.pick(person, 41, 26)), pg_temp.last_name(pg_temp.pick(person, 42, 400)),
    lower(pg_temp.first_name(pg_temp.pick(person, 41, 26)) || '.' || person || '@' || pg_temp.last_name(pg_temp.pick(person, 42, 400)) || '.example'),
    at > '2026-11-08Z' OR luck = 99
FROM (
    SELECT i, date_trunc('milliseconds', timestamptz '2026-11-22 00:00Z' - ($6::bigint - i) * (interval '1826 days' / $6::bigint)) AS at,
        pg_temp.pick(i, 50, $3::bigint) AS person, pg_temp.pick(i, 51, 12) AS campaign, pg_temp.pick(i, 42, 100) AS luck
    FROM generate_series($4::bigint, $5::bigint) i
) gift
