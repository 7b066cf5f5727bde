-- An organization whose plans fall due together: its people, each with a saved card. $1 organization, $2 their customers at Stripe, $3 the cards.
WITH org AS (
    INSERT INTO organizations (id, kind, slug, name, legal_name, created_at, updated_at)
    VALUES ($1, 'nonprofit', 'bench-morning', 'Bench Morning', 'Bench Morning Inc.', '2021-11-22Z', '2021-11-22Z')
    RETURNING id
), made AS (
    INSERT INTO causes (org_id, id, slug, name, status, created_at, updated_at)
    SELECT id, id, 'cause', 'Cause', 'published', '2021-11-22Z', '2021-11-22Z' FROM org
), purse AS (
    INSERT INTO funds (org_id, id, cause_id, code, name, restriction, created_at, updated_at)
    SELECT id, id, id, 'F', 'Fund', 'purpose', '2021-11-22Z', '2021-11-22Z' FROM org
), someone AS (
    SELECT org.id AS org_id, n, pg_temp.uuid7('2021-11-22Z', 'morning:' || n) AS id, customer, method
    FROM org, unnest($2::text[], $3::text[]) WITH ORDINALITY card (customer, method, n)
), known AS (
    INSERT INTO people (org_id, id, first_name, last_name, email, email_normalized, created_at, updated_at)
    SELECT org_id, id, 'Ada', 'North', 'ada.' || n || '@north.example', 'ada.' || n || '@north.example', '2021-11-22Z', '2021-11-22Z' FROM someone
)
INSERT INTO saved_cards (org_id, id, person_id, customer_id, payment_method_id, brand, last4, exp_month, exp_year, created_at, updated_at)
SELECT org_id, id, id, customer, method, 'visa', '4242', 12, 2040, '2021-11-22Z', '2021-11-22Z' FROM someone
