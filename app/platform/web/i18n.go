package web

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// catalogue speaks from the same go-i18n files as the browser's t().
type catalogue struct {
	bundle *i18n.Bundle
	raw    map[string]map[string]json.RawMessage // by language, for the islands
}

func loadCatalogue(files fs.FS) (*catalogue, error) {
	c := &catalogue{bundle: i18n.NewBundle(language.English), raw: map[string]map[string]json.RawMessage{}}
	c.bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	if files == nil {
		return c, nil
	}
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list catalogues: %w", err)
	}
	for _, name := range names {
		if _, err := c.bundle.LoadMessageFileFS(files, name); err != nil {
			return nil, fmt.Errorf("read the catalogue %s: %w", name, err)
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the catalogue %s: %w", name, err)
		}
		messages := map[string]json.RawMessage{}
		if err := json.Unmarshal(content, &messages); err != nil {
			return nil, fmt.Errorf("read the catalogue %s: %w", name, err)
		}
		c.raw[name[:len(name)-len(".json")]] = messages
	}
	return c, nil
}

// text returns the message of key, filled from pairs "Name", value; a number named Count chooses the plural. An unknown key is returned as
// it is, so that a gap is seen and never blank.
func (c *catalogue) text(key string, pairs ...any) (string, error) {
	if len(pairs)%2 != 0 {
		return "", fmt.Errorf("t %q: pairs of name and value are needed", key)
	}
	data := map[string]any{}
	var count any
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return "", fmt.Errorf("t %q: the name of a value must be text", key)
		}
		data[name] = pairs[i+1]
		if name == "Count" {
			count = pairs[i+1]
		}
	}
	text, err := i18n.NewLocalizer(c.bundle, "en").Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
	if err != nil {
		return key, nil //nolint:nilerr // a missing message is shown by its key
	}
	return text, nil
}

// some picks the messages of the given keys, for a page's script.
func (c *catalogue) some(keys []string) map[string]json.RawMessage {
	picked := make(map[string]json.RawMessage, len(keys))
	for _, k := range keys {
		if m, ok := c.raw["en"][k]; ok {
			picked[k] = m
		}
	}
	return picked
}
