-- Offers of help: people who would like to help and found no shift.
-- +goose Up

CREATE TABLE offers_of_help (
    org_id           uuid        NOT NULL CONSTRAINT offers_of_help_org_id_fkey REFERENCES organizations (id),
    id               uuid        NOT NULL,
    token_hash       bytea,
    first_name       text        NOT NULL DEFAULT '',
    last_name        text        NOT NULL DEFAULT '',
    email            text        NOT NULL DEFAULT '',
    email_normalized text        NOT NULL DEFAULT '',
    phone            text        NOT NULL DEFAULT '',
    skills           text[]      NOT NULL DEFAULT '{}',
    interests        text[]      NOT NULL DEFAULT '{}',
    availability     integer     NOT NULL DEFAULT 0,
    message          text        NOT NULL DEFAULT '' CONSTRAINT offers_of_help_message_check CHECK (char_length(message) <= 2000),
    status           text        NOT NULL CONSTRAINT offers_of_help_status_check CHECK (status IN ('unconfirmed', 'open', 'answered')),
    person_id        uuid,
    expires_at       timestamptz NOT NULL,
    confirmed_at     timestamptz,
    answered_at      timestamptz,
    answered_by      uuid,
    created_at       timestamptz NOT NULL,
    CONSTRAINT offers_of_help_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT offers_of_help_token_hash_key UNIQUE (org_id, token_hash),
    CONSTRAINT offers_of_help_person_id_fkey FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id),
    CONSTRAINT offers_of_help_confirmed_check CHECK ((status = 'unconfirmed') = (person_id IS NULL) AND (person_id IS NULL) = (confirmed_at IS NULL)),
    CONSTRAINT offers_of_help_answered_check CHECK ((status = 'answered') = (answered_at IS NOT NULL))
);
COMMENT ON TABLE offers_of_help IS 'Somebody would like to help and chose no shift. No person is made or found before the mail is confirmed. Names, address and phone are as typed, and may differ from what is known of the person.';
CREATE INDEX offers_of_help_confirmed_at_idx ON offers_of_help (org_id, confirmed_at DESC, id DESC) WHERE status <> 'unconfirmed';
CREATE INDEX offers_of_help_status_idx ON offers_of_help (org_id, status, confirmed_at DESC, id DESC);
CREATE INDEX offers_of_help_person_id_idx ON offers_of_help (org_id, person_id, confirmed_at DESC, id DESC) WHERE person_id IS NOT NULL;
CREATE INDEX offers_of_help_unconfirmed_idx ON offers_of_help (org_id, expires_at) WHERE status = 'unconfirmed';
CREATE INDEX offers_of_help_email_normalized_idx ON offers_of_help (org_id, email_normalized) WHERE status = 'unconfirmed';
CALL isolate_tenant('offers_of_help');

-- +goose Down
SELECT 'migrations only go forward';
