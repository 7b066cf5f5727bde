-- People, causes and the registry that proves them, campaigns.
-- +goose Up
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- +goose StatementBegin
-- isolate_searchable_tenant is isolate_tenant for a table with a column "search": its policy also asks for search LIKE the setting
-- app.search_<table>, and lets all rows through when nothing is set. LIKE is not leakproof, so PostgreSQL would never answer it from an
-- index ahead of a tenant policy, and every search would read all rows of the tenant; inside the policy both conditions stand on one
-- level, and a GIN index over (org_id, search gin_trgm_ops) serves them together. The setting can only narrow what a tenant sees.
CREATE PROCEDURE isolate_searchable_tenant(t regclass) LANGUAGE plpgsql AS $$
BEGIN
    CALL isolate_tenant(t);
    EXECUTE format($p$ALTER POLICY tenant ON %s
        USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid
            AND search LIKE coalesce(nullif(current_setting(%L, true), ''), '%%'))
        WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid)$p$, t, 'app.search_' || t);
END $$;
-- +goose StatementEnd

-- One human's record at one organization; donor, volunteer and employee at once.
CREATE TABLE people (
    org_id           uuid        NOT NULL CONSTRAINT people_org_id_fkey REFERENCES organizations (id),
    id               uuid        NOT NULL,
    first_name       text        NOT NULL DEFAULT '' CONSTRAINT people_first_name_check CHECK (char_length(first_name) <= 100),
    last_name        text        NOT NULL DEFAULT '' CONSTRAINT people_last_name_check CHECK (char_length(last_name) <= 100),
    email            text        CONSTRAINT people_email_check CHECK (char_length(email) BETWEEN 3 AND 254),
    email_normalized text,
    phone            text        NOT NULL DEFAULT '',
    address_line1    text        NOT NULL DEFAULT '',
    address_line2    text        NOT NULL DEFAULT '',
    city             text        NOT NULL DEFAULT '',
    region           text        NOT NULL DEFAULT '',
    postal_code      text        NOT NULL DEFAULT '',
    country          text        NOT NULL DEFAULT '',
    employer         text        NOT NULL DEFAULT '',
    do_not_contact   boolean     NOT NULL DEFAULT false,
    search           text        GENERATED ALWAYS AS (lower(' ' || first_name || ' ' || last_name || ' ' || coalesce(email, ''))) STORED,
    version          integer     NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CONSTRAINT people_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT people_name_or_email_check CHECK (first_name <> '' OR last_name <> '' OR email IS NOT NULL)
);
COMMENT ON TABLE people IS 'One human''s record at one organization. search starts with a blank, so that LIKE ''% ab%'' finds the start of every word.';
CREATE UNIQUE INDEX people_email_normalized_key ON people (org_id, email_normalized) WHERE email_normalized IS NOT NULL;
CREATE INDEX people_created_at_idx ON people (org_id, created_at DESC, id DESC);
CREATE INDEX people_search_idx ON people USING gin (org_id, search gin_trgm_ops);
CALL isolate_searchable_tenant('people');

-- What a person allowed or refused, by channel; the newest row of a channel counts.
CREATE TABLE consents (
    org_id    uuid        NOT NULL,
    id        uuid        NOT NULL,
    person_id uuid        NOT NULL,
    channel   text        NOT NULL CONSTRAINT consents_channel_check CHECK (channel IN ('email', 'phone', 'text', 'post')),
    granted   boolean     NOT NULL,
    source    text        NOT NULL CONSTRAINT consents_source_check CHECK (source IN ('giving_page', 'supporter_page', 'staff', 'import')),
    wording   text        NOT NULL DEFAULT '',
    at        timestamptz NOT NULL,
    CONSTRAINT consents_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT consents_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id)
);
COMMENT ON TABLE consents IS 'Append-only: what a person allowed or refused, by channel. The newest row of a channel counts.';
CREATE INDEX consents_person_id_idx ON consents (org_id, person_id, channel, at DESC);
CALL isolate_tenant('consents');
CALL append_only('consents');

-- A mailed, single-use link to the supporter page, and the browser session it opens. The token's text carries the organization's id.
CREATE TABLE supporter_links (
    org_id     uuid        NOT NULL,
    token_hash bytea       NOT NULL,
    person_id  uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT supporter_links_pkey PRIMARY KEY (org_id, token_hash),
    CONSTRAINT supporter_links_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id)
);
COMMENT ON TABLE supporter_links IS 'A mailed, single-use link to the supporter page.';
CREATE INDEX supporter_links_person_id_idx ON supporter_links (org_id, person_id);
CALL isolate_tenant('supporter_links');

CREATE TABLE supporter_sessions (
    org_id     uuid        NOT NULL,
    token_hash bytea       NOT NULL,
    person_id  uuid        NOT NULL,
    csrf_token text        NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT supporter_sessions_pkey PRIMARY KEY (org_id, token_hash),
    CONSTRAINT supporter_sessions_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id)
);
COMMENT ON TABLE supporter_sessions IS 'A browser that opened a supporter link.';
CREATE INDEX supporter_sessions_person_id_idx ON supporter_sessions (org_id, person_id);
CALL isolate_tenant('supporter_sessions');

-- The registry of charities: one row per EIN of the IRS Business Master File. Public data, shared by all.
CREATE TABLE registry_entries (
    ein                char(9)     NOT NULL CONSTRAINT registry_entries_ein_check CHECK (ein ~ '^[0-9]{9}$'),
    name               text        NOT NULL,
    sort_name          text        NOT NULL DEFAULT '',
    in_care_of         text        NOT NULL DEFAULT '',
    street             text        NOT NULL DEFAULT '',
    city               text        NOT NULL DEFAULT '',
    state              text        NOT NULL DEFAULT '',
    zip                text        NOT NULL DEFAULT '',
    group_number       char(4)     NOT NULL DEFAULT '0000',
    subsection         char(2)     NOT NULL,
    affiliation        text        NOT NULL DEFAULT '',
    classification     text        NOT NULL DEFAULT '',
    ruling             text        NOT NULL DEFAULT '',
    deductibility      text        NOT NULL DEFAULT '',
    foundation         text        NOT NULL DEFAULT '',
    activity           text        NOT NULL DEFAULT '',
    organization_code  text        NOT NULL DEFAULT '',
    status             text        NOT NULL DEFAULT '',
    tax_period         text        NOT NULL DEFAULT '',
    asset_code         text        NOT NULL DEFAULT '',
    income_code        text        NOT NULL DEFAULT '',
    filing_requirement text        NOT NULL DEFAULT '',
    pf_filing_requirement text     NOT NULL DEFAULT '',
    accounting_period  text        NOT NULL DEFAULT '',
    asset_amount       bigint,
    income_amount      bigint,
    revenue_amount     bigint,
    ntee_code          text        NOT NULL DEFAULT '',
    source             text        NOT NULL,
    row_hash           bytea       NOT NULL,
    removed_at         timestamptz,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    search             text        GENERATED ALWAYS AS (lower(' ' || name || ' ' || sort_name)) STORED,
    CONSTRAINT registry_entries_pkey PRIMARY KEY (ein)
);
COMMENT ON TABLE registry_entries IS 'IRS Exempt Organizations Business Master File, one row per EIN. Amounts are whole US dollars, null when blank. removed_at: gone from the newest file of its source.';
CREATE INDEX registry_entries_search_idx ON registry_entries USING gin (search gin_trgm_ops);
CREATE INDEX registry_entries_source_idx ON registry_entries (source, ein);

CREATE TABLE registry_imports (
    id          uuid        NOT NULL,
    source      text        NOT NULL,
    file_name   text        NOT NULL,
    file_hash   bytea       NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    rows_read   bigint      NOT NULL DEFAULT 0,
    created     bigint      NOT NULL DEFAULT 0,
    updated     bigint      NOT NULL DEFAULT 0,
    unchanged   bigint      NOT NULL DEFAULT 0,
    removed     bigint      NOT NULL DEFAULT 0,
    rejected    bigint      NOT NULL DEFAULT 0,
    CONSTRAINT registry_imports_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE registry_imports IS 'One run of the registry import.';

-- What a gift is for.
CREATE TABLE causes (
    org_id      uuid        NOT NULL CONSTRAINT causes_org_id_fkey REFERENCES organizations (id),
    id          uuid        NOT NULL,
    slug        text        NOT NULL CONSTRAINT causes_slug_check CHECK (slug ~ '^[a-z0-9](-?[a-z0-9]){1,59}$'),
    name        text        NOT NULL CONSTRAINT causes_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    summary     text        NOT NULL DEFAULT '' CONSTRAINT causes_summary_check CHECK (char_length(summary) <= 500),
    status      text        NOT NULL CONSTRAINT causes_status_check CHECK (status IN ('draft', 'published', 'archived')),
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT causes_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT causes_slug_key UNIQUE (org_id, slug)
);
COMMENT ON TABLE causes IS 'What a gift is for, published by a nonprofit.';
CALL isolate_tenant('causes');

-- The restriction a gift is booked to.
CREATE TABLE funds (
    org_id      uuid        NOT NULL,
    id          uuid        NOT NULL,
    cause_id    uuid        NOT NULL,
    code        text        NOT NULL CONSTRAINT funds_code_check CHECK (code ~ '^[A-Z0-9-]{1,20}$'),
    name        text        NOT NULL CONSTRAINT funds_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    restriction text        NOT NULL CONSTRAINT funds_restriction_check CHECK (restriction IN ('unrestricted', 'purpose', 'time', 'endowment')),
    active      boolean     NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT funds_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT funds_code_key UNIQUE (org_id, code),
    CONSTRAINT funds_cause_id_id_key UNIQUE (org_id, cause_id, id),
    CONSTRAINT funds_cause_id_fkey FOREIGN KEY (org_id, cause_id) REFERENCES causes (org_id, id)
);
COMMENT ON TABLE funds IS 'The restriction a gift is booked to.';
CALL isolate_tenant('funds');

-- A time-boxed effort with a goal and a public page.
CREATE TABLE campaigns (
    org_id            uuid        NOT NULL CONSTRAINT campaigns_org_id_fkey REFERENCES organizations (id),
    id                uuid        NOT NULL,
    cause_id          uuid        NOT NULL,
    fund_id           uuid        NOT NULL,
    slug              text        NOT NULL CONSTRAINT campaigns_slug_check CHECK (slug ~ '^[a-z0-9](-?[a-z0-9]){1,59}$'),
    title             text        NOT NULL CONSTRAINT campaigns_title_check CHECK (char_length(title) BETWEEN 1 AND 120),
    summary           text        NOT NULL DEFAULT '' CONSTRAINT campaigns_summary_check CHECK (char_length(summary) <= 300),
    story             text        NOT NULL DEFAULT '' CONSTRAINT campaigns_story_check CHECK (char_length(story) <= 20000),
    picture_key       text        NOT NULL DEFAULT '',
    picture_alt       text        NOT NULL DEFAULT '' CONSTRAINT campaigns_picture_alt_check CHECK (char_length(picture_alt) <= 300),
    goal_minor        bigint      NOT NULL CONSTRAINT campaigns_goal_minor_check CHECK (goal_minor >= 0),
    goal_currency     char(3)     NOT NULL,
    suggested_minor   bigint[]    NOT NULL CONSTRAINT campaigns_suggested_minor_check CHECK (cardinality(suggested_minor) BETWEEN 1 AND 6),
    default_minor     bigint      NOT NULL,
    impact_lines      jsonb       NOT NULL DEFAULT '{}',
    offer_fee_cover   boolean     NOT NULL DEFAULT true,
    show_donors       boolean     NOT NULL DEFAULT true,
    status            text        NOT NULL CONSTRAINT campaigns_status_check CHECK (status IN ('draft', 'live', 'ended')),
    starts_on         date,
    ends_on           date,
    published_at      timestamptz,
    ended_at          timestamptz,
    version           integer     NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    CONSTRAINT campaigns_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT campaigns_slug_key UNIQUE (org_id, slug),
    CONSTRAINT campaigns_fund_id_fkey FOREIGN KEY (org_id, cause_id, fund_id) REFERENCES funds (org_id, cause_id, id),
    CONSTRAINT campaigns_dates_check CHECK (ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on)
);
COMMENT ON TABLE campaigns IS 'A time-boxed effort with a goal and a public page. goal_minor 0: no goal shown. impact_lines maps a suggested amount in minor units to its line of text.';
CREATE INDEX campaigns_created_at_idx ON campaigns (org_id, created_at DESC, id DESC);
CALL isolate_tenant('campaigns');

-- +goose Down
SELECT 'migrations only go forward';
