package id_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/fault"
	"tributary/domain/id"
)

type thing struct{}

const canonical = "019ab3c4-5d6e-7f80-9123-456789abcdef"

func TestNewIDsAreOrderedByTime(t *testing.T) {
	t.Parallel()
	last := id.New[thing]()
	require.False(t, last.IsZero())
	require.EqualValues(t, 7, last.Version())
	for range 1000 {
		next := id.New[thing]()
		require.Less(t, last.String(), next.String())
		last = next
	}
}

func TestOnlyTheCanonicalFormIsParsed(t *testing.T) {
	t.Parallel()
	parsed, err := id.Parse[thing](canonical)
	require.NoError(t, err)
	require.Equal(t, canonical, parsed.String())
	require.Equal(t, id.From[thing](uuid.MustParse(canonical)), parsed)

	for _, text := range []string{
		"", "x", "1", canonical[:35], canonical + "0", "{" + canonical + "}", "urn:uuid:" + canonical, "019ab3c45d6e7f809123456789abcdef",
		"019ab3c4-5d6e-7f80-9123-456789abcdeg", "019ab3c4_5d6e_7f80_9123_456789abcdef", "019ab3c4-5d6e-7f80-9123-456789abcd\x00f", " " + canonical[1:],
	} {
		got, err := id.Parse[thing](text)
		require.Equal(t, fault.KindInvalid, fault.KindOf(err), "%q", text)
		require.True(t, got.IsZero(), "%q", text)
		if len(text) > 1 {
			require.NotContains(t, err.Error(), text, "the value is not echoed")
		}
	}
}

func TestJSONKeepsTheID(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   id.ID[thing]  `json:"id"`
		Next *id.ID[thing] `json:"next"`
	}
	want := row{ID: id.New[thing]()}
	raw, err := json.Marshal(want)
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"`+want.ID.String()+`","next":null}`, string(raw))
	var got row
	require.NoError(t, json.Unmarshal(raw, &got))
	require.Equal(t, want, got)

	require.Error(t, json.Unmarshal([]byte(`{"id":"nothing"}`), &got))
	require.Error(t, json.Unmarshal([]byte(`{"id":7}`), &got))

	byID, err := json.Marshal(map[id.ID[thing]]int{want.ID: 1})
	require.NoError(t, err)
	require.JSONEq(t, `{"`+want.ID.String()+`":1}`, string(byID))
}

func TestSQLKeepsTheID(t *testing.T) {
	t.Parallel()
	want := id.New[thing]()
	value, err := want.Value()
	require.NoError(t, err)
	require.Equal(t, want.String(), value)
	var got id.ID[thing]
	require.NoError(t, got.Scan(value))
	require.Equal(t, want, got)

	got = id.ID[thing]{}
	require.NoError(t, got.Scan(want.UUID[:]), "sixteen bytes")
	require.Equal(t, want, got)
	require.Error(t, got.Scan("nothing"))
	require.Error(t, got.Scan(7))
	require.Equal(t, "uuid", got.GormDataType())
}

func TestIDsPrintTheirCanonicalForm(t *testing.T) {
	t.Parallel()
	i, err := id.Parse[thing](canonical)
	require.NoError(t, err)
	require.Equal(t, canonical+" "+canonical, fmt.Sprintf("%s %v", i, i))
	require.True(t, id.ID[thing]{}.IsZero())
	require.False(t, i.IsZero())
}
