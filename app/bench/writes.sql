-- What recording a donation stores, statement by statement, by the application role under row level security.
\set a random(100, 999)
\set b random(100000000000, 999999999999)
\set key random(1, 9000000000000000000)
begin
;
select set_config('app.org_id', '{org}', true)
;
select cause_id, active from funds where id = '{fund}'
;
select first_name, last_name, email from people where id = '{person}'
;
insert into river_job (args, kind, max_attempts, metadata, priority, queue, state, tags)
    values (jsonb_build_object('org_id', '{org}', 'donation_id', '019bd1a0-0000-7000-8' || :a || '-' || :b), 'receipt.issue', 25, '{}', 1, 'default', 'available', '{}')
;
insert into donations (org_id, id, reference, person_id, campaign_id, cause_id, fund_id, method, status, amount_minor, amount_currency, donor_first_name,
        donor_last_name, donor_email, received_on, initiated_at, succeeded_at, occurred_at, updated_at)
    values ('{org}', ('019bd1a0-0000-7000-8' || :a || '-' || :b)::uuid, 'P-' || :a || '-' || :b, '{person}', '{campaign}', '{cause}', '{fund}', 'cheque', 'recorded', 2500, 'USD',
        'Ada', 'Ashberg', 'ada@example.org', '2026-11-21', now(), now(), now(), now())
;
with booked as (
    insert into ledger_transactions (org_id, id, kind, source_type, source_id, donation_id, occurred_at, posted_at)
    values ('{org}', ('019bd1a0-0000-7000-9' || :a || '-' || :b)::uuid, 'offline_received', 'donation', '019bd1a0-0000-7000-8' || :a || '-' || :b,
        ('019bd1a0-0000-7000-8' || :a || '-' || :b)::uuid, now(), now())
    on conflict on constraint ledger_transactions_source_key do nothing returning org_id, id)
insert into ledger_entries (org_id, transaction_id, line, account, cause_id, fund_id, campaign_id, amount_minor, currency)
    select org_id, id, 1, 'cheques_on_hand', null::uuid, null::uuid, null::uuid, 2500, 'USD' from booked
    union all select org_id, id, 2, 'income', '{cause}', '{fund}', '{campaign}', -2500, 'USD' from booked
;
select pg_notify('campaign_progress', '{org}:{campaign}')
;
insert into audit_events (org_id, id, at, actor_kind, action, subject_type, subject_id, after)
    values ('{org}', ('019bd1a0-0000-7000-a' || :a || '-' || :b)::uuid, now(), 'login', 'donation.recorded', 'donation', ('019bd1a0-0000-7000-8' || :a || '-' || :b)::uuid,
        '{"amount_minor":2500,"currency":"USD","method":"cheque","received_on":"2026-11-21"}')
;
commit
;
