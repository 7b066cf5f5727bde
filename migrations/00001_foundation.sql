-- Foundation: helpers every later migration uses, and the tables that belong to no single organization.
-- +goose Up
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- +goose StatementBegin
-- isolate_tenant forces row-level security on a table whose first key column is org_id: with nothing set, no row is seen or written.
CREATE PROCEDURE isolate_tenant(t regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format($p$CREATE POLICY tenant ON %s
        USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
        WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid)$p$, t);
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
-- append_only makes a table refuse UPDATE, DELETE and TRUNCATE, from every role. The grants step of the migrator looks for the trigger's
-- name and leaves those rights away from the application role as well.
CREATE PROCEDURE append_only(t regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION refuse_change()', t);
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', t);
END $$;
-- +goose StatementEnd

-- A legal body using the platform. Readable without a tenant, since public pages find an organization by its slug; writable only by itself.
CREATE TABLE organizations (
    id                 uuid        NOT NULL,
    kind               text        NOT NULL CONSTRAINT organizations_kind_check CHECK (kind IN ('nonprofit', 'company')),
    slug               text        NOT NULL CONSTRAINT organizations_slug_check CHECK (slug ~ '^[a-z0-9](-?[a-z0-9]){1,39}$'),
    name               text        NOT NULL CONSTRAINT organizations_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    legal_name         text        NOT NULL CONSTRAINT organizations_legal_name_check CHECK (char_length(legal_name) BETWEEN 1 AND 200),
    ein                text        CONSTRAINT organizations_ein_check CHECK (ein ~ '^[0-9]{9}$'),
    ein_verified_at    timestamptz,
    email              text        NOT NULL DEFAULT '',
    phone              text        NOT NULL DEFAULT '',
    website            text        NOT NULL DEFAULT '',
    address_line1      text        NOT NULL DEFAULT '',
    address_line2      text        NOT NULL DEFAULT '',
    city               text        NOT NULL DEFAULT '',
    region             text        NOT NULL DEFAULT '',
    postal_code        text        NOT NULL DEFAULT '',
    country            char(2)     NOT NULL DEFAULT 'US',
    zone               text        NOT NULL DEFAULT 'America/New_York',
    currency           char(3)     NOT NULL DEFAULT 'USD',
    fiscal_year_start  smallint    NOT NULL DEFAULT 1 CONSTRAINT organizations_fiscal_year_start_check CHECK (fiscal_year_start BETWEEN 1 AND 12),
    brand_color        text        NOT NULL DEFAULT '#0b6b50' CONSTRAINT organizations_brand_color_check CHECK (brand_color ~ '^#[0-9a-f]{6}$'),
    stripe_account     text        CONSTRAINT organizations_stripe_account_key UNIQUE,
    receipt_signatory  text        NOT NULL DEFAULT '',
    receipt_prefix     text        NOT NULL DEFAULT '' CONSTRAINT organizations_receipt_prefix_check CHECK (receipt_prefix ~ '^[A-Z0-9-]{0,8}$'),
    embed_origins      text[]      NOT NULL DEFAULT '{}',
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    CONSTRAINT organizations_pkey PRIMARY KEY (id),
    CONSTRAINT organizations_slug_key UNIQUE (slug),
    CONSTRAINT organizations_ein_key UNIQUE (ein)
);
COMMENT ON TABLE organizations IS 'A legal body using the platform: a nonprofit or a company.';
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations_read ON organizations FOR SELECT USING (true);
CREATE POLICY organizations_write ON organizations FOR ALL
    USING (id = nullif(current_setting('app.org_id', true), '')::uuid)
    WITH CHECK (id = nullif(current_setting('app.org_id', true), '')::uuid);

-- The credentials of one human across organizations.
CREATE TABLE logins (
    id                  uuid        NOT NULL,
    email               text        NOT NULL CONSTRAINT logins_email_check CHECK (char_length(email) BETWEEN 3 AND 254),
    email_normalized    text        NOT NULL,
    name                text        NOT NULL CONSTRAINT logins_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    password_hash       text,
    operator            boolean     NOT NULL DEFAULT false,
    failed_sign_ins     integer     NOT NULL DEFAULT 0,
    locked_until        timestamptz,
    password_changed_at timestamptz,
    created_at          timestamptz NOT NULL,
    CONSTRAINT logins_pkey PRIMARY KEY (id),
    CONSTRAINT logins_email_normalized_key UNIQUE (email_normalized)
);
COMMENT ON TABLE logins IS 'The credentials of one human across organizations. password_hash is an argon2id PHC string; null until an invitation is accepted.';

-- A signed-in browser. token_hash is the SHA-256 of the cookie's value.
CREATE TABLE sessions (
    token_hash   bytea       NOT NULL,
    login_id     uuid        NOT NULL CONSTRAINT sessions_login_id_fkey REFERENCES logins (id) ON DELETE CASCADE,
    csrf_token   text        NOT NULL,
    user_agent   text        NOT NULL DEFAULT '',
    ip           text        NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (token_hash)
);
COMMENT ON TABLE sessions IS 'A signed-in browser.';
CREATE INDEX sessions_login_id_idx ON sessions (login_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

-- A single-use mailed secret of a login: password reset.
CREATE TABLE login_tokens (
    token_hash bytea       NOT NULL,
    login_id   uuid        NOT NULL CONSTRAINT login_tokens_login_id_fkey REFERENCES logins (id) ON DELETE CASCADE,
    purpose    text        NOT NULL CONSTRAINT login_tokens_purpose_check CHECK (purpose IN ('password_reset')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT login_tokens_pkey PRIMARY KEY (token_hash)
);
COMMENT ON TABLE login_tokens IS 'A single-use mailed secret of a login.';
CREATE INDEX login_tokens_login_id_idx ON login_tokens (login_id);

-- What happened to a login, beyond any one organization.
CREATE TABLE login_events (
    seq        bigint      GENERATED ALWAYS AS IDENTITY,
    login_id   uuid        NOT NULL CONSTRAINT login_events_login_id_fkey REFERENCES logins (id),
    action     text        NOT NULL,
    actor_kind text        NOT NULL,
    actor_id   uuid,
    request_id text        NOT NULL DEFAULT '',
    at         timestamptz NOT NULL,
    CONSTRAINT login_events_pkey PRIMARY KEY (seq)
);
COMMENT ON TABLE login_events IS 'Append-only: what happened to a login (signed in, locked, password changed, signed out everywhere).';
CREATE INDEX login_events_login_id_idx ON login_events (login_id, seq DESC);
CALL append_only('login_events');

-- Which role a login has at an organization. Seen by the organization and by the login itself.
CREATE TABLE memberships (
    org_id     uuid        NOT NULL CONSTRAINT memberships_org_id_fkey REFERENCES organizations (id),
    login_id   uuid        NOT NULL CONSTRAINT memberships_login_id_fkey REFERENCES logins (id),
    role       text        NOT NULL CONSTRAINT memberships_role_check CHECK (role IN ('owner', 'admin', 'fundraiser', 'finance', 'volunteer_coordinator', 'viewer')),
    created_at timestamptz NOT NULL,
    CONSTRAINT memberships_pkey PRIMARY KEY (org_id, login_id)
);
COMMENT ON TABLE memberships IS 'Which role a login has at an organization.';
CREATE INDEX memberships_login_id_idx ON memberships (login_id);
CALL isolate_tenant('memberships');
CREATE POLICY own_memberships ON memberships FOR SELECT
    USING (login_id = nullif(current_setting('app.login_id', true), '')::uuid);

-- An invitation to join, accepted with a mailed link whose token carries the organization's id.
CREATE TABLE invitations (
    org_id           uuid        NOT NULL CONSTRAINT invitations_org_id_fkey REFERENCES organizations (id),
    id               uuid        NOT NULL,
    email            text        NOT NULL,
    email_normalized text        NOT NULL,
    role             text        NOT NULL CONSTRAINT invitations_role_check CHECK (role IN ('owner', 'admin', 'fundraiser', 'finance', 'volunteer_coordinator', 'viewer')),
    token_hash       bytea       NOT NULL,
    invited_by       uuid        NOT NULL CONSTRAINT invitations_invited_by_fkey REFERENCES logins (id),
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    accepted_at      timestamptz,
    revoked_at       timestamptz,
    CONSTRAINT invitations_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT invitations_token_hash_key UNIQUE (org_id, token_hash)
);
COMMENT ON TABLE invitations IS 'An invitation to join an organization with a role.';
CREATE UNIQUE INDEX invitations_open_key ON invitations (org_id, email_normalized) WHERE accepted_at IS NULL AND revoked_at IS NULL;
CALL isolate_tenant('invitations');

-- A key for programs. The token's text carries the organization's id, so that it can be looked up under that tenant.
CREATE TABLE api_tokens (
    org_id       uuid        NOT NULL CONSTRAINT api_tokens_org_id_fkey REFERENCES organizations (id),
    id           uuid        NOT NULL,
    name         text        NOT NULL CONSTRAINT api_tokens_name_check CHECK (char_length(name) BETWEEN 1 AND 100),
    token_hash   bytea       NOT NULL,
    hint         text        NOT NULL,
    scopes       text[]      NOT NULL,
    created_by   uuid        NOT NULL CONSTRAINT api_tokens_created_by_fkey REFERENCES logins (id),
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    CONSTRAINT api_tokens_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT api_tokens_token_hash_key UNIQUE (org_id, token_hash)
);
COMMENT ON TABLE api_tokens IS 'A key for programs, with scopes. hint is its last four characters.';
CALL isolate_tenant('api_tokens');

-- +goose StatementBegin
-- session_actor finds, in one round trip, who holds a session and which role they have at the organization called slug. A login sees its
-- own memberships only, and only the session says which login that is: hence the setting between the two reads. It lasts as long as the
-- transaction, which outside of one is this statement.
CREATE FUNCTION session_actor(hash bytea, slug text)
RETURNS TABLE (login_id uuid, operator boolean, csrf_token text, last_seen_at timestamptz, expires_at timestamptz, org_id uuid, role text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    SELECT s.login_id, l.operator, s.csrf_token, s.last_seen_at, s.expires_at
        INTO session_actor.login_id, session_actor.operator, session_actor.csrf_token, session_actor.last_seen_at, session_actor.expires_at
        FROM sessions s JOIN logins l ON l.id = s.login_id WHERE s.token_hash = session_actor.hash;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('app.login_id', session_actor.login_id::text, true);
    SELECT m.org_id, m.role INTO session_actor.org_id, session_actor.role
        FROM organizations o JOIN memberships m ON m.org_id = o.id AND m.login_id = session_actor.login_id
        WHERE o.slug = session_actor.slug;
    RETURN NEXT;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
-- token_actor finds, in one round trip, the API token whose text names the organization and has the hash.
CREATE FUNCTION token_actor(organization uuid, hash bytea)
RETURNS TABLE (id uuid, slug text, scopes text[], last_used_at timestamptz, expires_at timestamptz, revoked_at timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('app.org_id', token_actor.organization::text, true);
    RETURN QUERY SELECT t.id, o.slug, t.scopes, t.last_used_at, t.expires_at, t.revoked_at
        FROM api_tokens t JOIN organizations o ON o.id = t.org_id
        WHERE t.org_id = token_actor.organization AND t.token_hash = token_actor.hash;
END $$;
-- +goose StatementEnd

-- Who did what, when, and what it was before.
CREATE TABLE audit_events (
    org_id       uuid        NOT NULL CONSTRAINT audit_events_org_id_fkey REFERENCES organizations (id),
    id           uuid        NOT NULL,
    seq          bigint      GENERATED ALWAYS AS IDENTITY,
    at           timestamptz NOT NULL,
    actor_kind   text        NOT NULL,
    actor_id     uuid,
    action       text        NOT NULL,
    subject_type text        NOT NULL,
    subject_id   uuid        NOT NULL,
    before       jsonb,
    after        jsonb,
    request_id   text        NOT NULL DEFAULT '',
    CONSTRAINT audit_events_pkey PRIMARY KEY (org_id, id)
);
COMMENT ON TABLE audit_events IS 'Append-only: who did what to which thing, when, and what it was before.';
CREATE INDEX audit_events_subject_idx ON audit_events (org_id, subject_type, subject_id, seq DESC);
CREATE INDEX audit_events_seq_idx ON audit_events (org_id, seq DESC);
CALL isolate_tenant('audit_events');
CALL append_only('audit_events');

-- Hits per key and window, for limits that hold across instances. Lost on a crash, which only forgives.
CREATE UNLOGGED TABLE rate_limits (
    key          text        NOT NULL,
    window_start timestamptz NOT NULL,
    hits         integer     NOT NULL,
    expires_at   timestamptz NOT NULL,
    CONSTRAINT rate_limits_pkey PRIMARY KEY (key, window_start)
);
COMMENT ON TABLE rate_limits IS 'Hits per key and window. Keys hold hashes, never an address or e-mail.';
CREATE INDEX rate_limits_expires_at_idx ON rate_limits (expires_at);

-- Answers to requests that carried an Idempotency-Key, replayed for 48 hours.
CREATE TABLE idempotency_keys (
    org_id     uuid        NOT NULL CONSTRAINT idempotency_keys_org_id_fkey REFERENCES organizations (id),
    key        text        NOT NULL CONSTRAINT idempotency_keys_key_check CHECK (char_length(key) BETWEEN 1 AND 255),
    operation  text        NOT NULL,
    actor_id   uuid        NOT NULL,
    body_hash  bytea       NOT NULL,
    status     integer,
    headers    jsonb,
    body       bytea,
    created_at timestamptz NOT NULL,
    locked_until timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (org_id, operation, key)
);
COMMENT ON TABLE idempotency_keys IS 'Answers to requests that carried an Idempotency-Key. status is null while the first one is in flight.';
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (org_id, created_at);
CALL isolate_tenant('idempotency_keys');

-- Every mail the platform sends, written in the transaction that decided it, sent by a job.
CREATE TABLE messages (
    org_id      uuid        NOT NULL CONSTRAINT messages_org_id_fkey REFERENCES organizations (id),
    id          uuid        NOT NULL,
    kind        text        NOT NULL,
    dedupe_key  text        NOT NULL,
    person_id   uuid,
    donation_id uuid,
    to_email    text        NOT NULL,
    to_name     text        NOT NULL DEFAULT '',
    from_name   text        NOT NULL DEFAULT '',
    reply_to    text        NOT NULL DEFAULT '',
    subject     text        NOT NULL,
    text_body   text        NOT NULL,
    html_body   text        NOT NULL,
    attachments jsonb       NOT NULL DEFAULT '[]',
    unsubscribe text        NOT NULL DEFAULT '',
    secret      boolean     NOT NULL DEFAULT false,
    state       text        NOT NULL CONSTRAINT messages_state_check CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
    attempts    integer     NOT NULL DEFAULT 0,
    last_error  text        NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL,
    claimed_until timestamptz,
    sent_at     timestamptz,
    CONSTRAINT messages_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT messages_dedupe_key_key UNIQUE (org_id, dedupe_key)
);
COMMENT ON TABLE messages IS 'Every mail the platform sends. dedupe_key says what it is about, so that one cause sends one mail. attachments names files: [{"name","content_type","key"}]. claimed_until: a worker is sending it until then. Bodies of a secret mail (it carries a link that signs in) are emptied once sent, except on the development outbox.';
CREATE INDEX messages_donation_id_idx ON messages (org_id, donation_id) WHERE donation_id IS NOT NULL;
CREATE INDEX messages_person_id_idx ON messages (org_id, person_id, created_at DESC, id DESC) WHERE person_id IS NOT NULL;
CREATE INDEX messages_created_at_idx ON messages (org_id, created_at DESC, id DESC);
CREATE INDEX messages_failed_idx ON messages (org_id, created_at DESC) WHERE state = 'failed';
CALL isolate_tenant('messages');

-- Mails to a login, which belongs to no organization (password reset, invitation).
CREATE TABLE login_messages (
    id         uuid        NOT NULL,
    kind       text        NOT NULL,
    to_email   text        NOT NULL,
    to_name    text        NOT NULL DEFAULT '',
    subject    text        NOT NULL,
    text_body  text        NOT NULL,
    html_body  text        NOT NULL,
    state      text        NOT NULL CONSTRAINT login_messages_state_check CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
    attempts   integer     NOT NULL DEFAULT 0,
    last_error text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    claimed_until timestamptz,
    sent_at    timestamptz,
    CONSTRAINT login_messages_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE login_messages IS 'Mails to a login. Bodies hold secrets (links): emptied once sent, except on the development outbox.';
CREATE INDEX login_messages_created_at_idx ON login_messages (created_at DESC, id DESC);

-- +goose Down
SELECT 'migrations only go forward';
