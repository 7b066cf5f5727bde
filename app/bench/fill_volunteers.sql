-- $1 ordinal, $2 organization, $3 number of its people, $4 to $5 the numbers of the shifts, $6 how many there will be.
-- Forty opportunities; one offer of help per four shifts, most of them answered; shifts of three hours spread evenly over 2025 to 2027; four people on most, each past one with hours.
WITH offered AS (
    INSERT INTO opportunities (org_id, id, slug, title, role, summary, kind, status, visibility, place_city, zone, skills, published_at, created_at, updated_at)
    SELECT $2, pg_temp.uuid7(timestamptz '2024-12-01Z' + o * interval '1 hour', $1::int || ':opportunity:' || o), 'opportunity-' || o, 'Opportunity ' || o,
        ('{Driver,Sorter,Host,Tutor}'::text[])[o % 4 + 1], 'Made to be measured.', 'shifts', 'published', 'public', 'Riverbend', 'America/New_York',
        ARRAY[('{driving,lifting,cooking,reading}'::text[])[o % 4 + 1]], '2024-12-01Z', timestamptz '2024-12-01Z' + o * interval '1 hour', '2024-12-01Z'
    FROM generate_series(0, 39) o WHERE $4::bigint = 0
), known AS (
    INSERT INTO volunteers (org_id, person_id, status, skills, availability, check_in_code, feed_token, created_at, updated_at)
    SELECT $2, pg_temp.uuid7(pg_temp.person_at(p, $3::bigint), $1::int || ':person:' || p), 'active', ARRAY[('{driving,lifting,cooking,reading}'::text[])[p % 4 + 1]],
        (pg_temp.pick(p, 61, 268435455))::int, 'code-' || p, 'feed-' || p, timestamptz '2025-01-01Z' + p * interval '1 minute', '2025-01-01Z'
    FROM generate_series(0, least($3::bigint, 2000) - 1) p WHERE $4::bigint = 0
), would AS (
    INSERT INTO offers_of_help (org_id, id, status, person_id, message, expires_at, confirmed_at, answered_at, created_at)
    SELECT $2, pg_temp.uuid7(at, $1::int || ':help:' || s), CASE WHEN s % 20 = 0 THEN 'open' ELSE 'answered' END,
        pg_temp.uuid7(pg_temp.person_at(s % $3::bigint, $3::bigint), $1::int || ':person:' || s % $3::bigint), 'I would like to help.', at + interval '1 day', at,
        CASE WHEN s % 20 <> 0 THEN at + interval '2 days' END, at
    FROM (SELECT s, timestamptz '2025-01-01Z' + s * (interval '690 days' / $6::bigint) AS at FROM generate_series($4::bigint, $5::bigint) s WHERE s % 4 = 0) each_fourth
), planned AS (
    INSERT INTO shifts (org_id, id, opportunity_id, starts_local, ends_local, zone, starts_at, ends_at, places, closes_before_minutes, cancel_before_minutes, closes_at,
        cancel_until, status, taken, created_at, updated_at)
    SELECT $2, pg_temp.uuid7(at, $1::int || ':shift:' || s), pg_temp.uuid7(timestamptz '2024-12-01Z' + s % 40 * interval '1 hour', $1::int || ':opportunity:' || s % 40),
        at AT TIME ZONE 'America/New_York', (at + interval '3 hours') AT TIME ZONE 'America/New_York', 'America/New_York', at, at + interval '3 hours', 4 + s % 5, 0, 0, at, at,
        'open', CASE WHEN s % 10 = 0 THEN 0 ELSE 4 END, '2024-12-02Z', '2024-12-02Z'
    FROM (SELECT s, timestamptz '2025-01-01Z' + s * (interval '1095 days' / $6::bigint) AS at FROM generate_series($4::bigint, $5::bigint) s) numbered
    RETURNING id, starts_at, opportunity_id, taken
), signed AS (
    INSERT INTO sign_ups (org_id, id, shift_id, person_id, status, source, rank, checked_in_at, checked_out_at, created_at, updated_at)
    SELECT $2, pg_temp.uuid7(starts_at - interval '5 days', id || ':' || k), id,
        pg_temp.uuid7(pg_temp.person_at(p, $3::bigint), $1::int || ':person:' || p), CASE WHEN past THEN 'done' ELSE 'confirmed' END, 'public', k,
        CASE WHEN past THEN starts_at END, CASE WHEN past THEN starts_at + interval '3 hours' END, starts_at - interval '5 days', starts_at
    FROM (
        SELECT planned.*, k, starts_at < timestamptz '2026-11-01Z' AS past, (pg_temp.pick(hashtextextended(id::text, 0), 62, greatest(least($3::bigint, 2000) / 4, 1)) * 4 + k) % $3::bigint AS p
        FROM planned CROSS JOIN generate_series(0, 3) k WHERE taken > 0
    ) each
    RETURNING id, shift_id, person_id, status, checked_in_at
)
INSERT INTO volunteer_hours (org_id, id, person_id, opportunity_id, sign_up_id, on_date, minutes, source, status, decided_at, created_at, updated_at)
SELECT $2, pg_temp.uuid7(u.checked_in_at + interval '4 hours', 'hours:' || u.id), u.person_id, p.opportunity_id, u.id, (u.checked_in_at AT TIME ZONE 'America/New_York')::date, 180, 'check_in',
    CASE WHEN pg_temp.pick(hashtextextended(u.id::text, 0), 63, 50) = 0 THEN 'pending' ELSE 'approved' END, u.checked_in_at + interval '1 day', u.checked_in_at + interval '4 hours',
    u.checked_in_at + interval '1 day'
FROM signed u JOIN planned p ON p.id = u.shift_id WHERE u.status = 'done'
