package account

import (
	"database/sql/driver"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"tributary/domain/fault"
)

// ErrOriginInvalid blames an entry that is not the address of a web site.
var ErrOriginInvalid = fault.Invalid("embed_origins", "organization.origin_invalid",
	"Write the site's address without a path, such as https://www.example.org.")

const mostOrigins = 20

// Origins is a list of web origins: "https://www.example.org". In the database it is a text[].
type Origins []string

// NewOrigins checks and tidies the addresses of sites: lower case, no trailing slash, each once. Plain http is for this machine only.
func NewOrigins(sites []string) (Origins, error) {
	origins := make(Origins, 0, len(sites))
	for _, site := range sites {
		origin, err := parseOrigin(site)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	if len(origins) > mostOrigins {
		return nil, fault.Invalid("embed_origins", "organization.too_many_origins", fmt.Sprintf("List at most %d sites.", mostOrigins))
	}
	return origins, nil
}

// parseOrigin lets nothing through that could end one directive of a content security policy and begin another.
func parseOrigin(site string) (string, error) {
	u, err := url.Parse(strings.ToLower(strings.TrimSpace(site)))
	if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return "", ErrOriginInvalid
	}
	host := u.Hostname()
	local := host == "localhost" || host == "127.0.0.1"
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return "", ErrOriginInvalid
	}
	if !local && !isASCIIDomain(host) || strings.HasSuffix(u.Host, ":") {
		return "", ErrOriginInvalid
	}
	return u.Scheme + "://" + u.Host, nil
}

func isASCIIDomain(s string) bool {
	return isDomain(s) && !strings.ContainsFunc(s, func(r rune) bool { return r > '~' })
}

// GormDataType tells GORM the column type.
func (Origins) GormDataType() string { return "text[]" }

// Value implements driver.Valuer with PostgreSQL's text form; an origin holds no character that needs escaping.
func (o Origins) Value() (driver.Value, error) { return "{" + strings.Join(o, ",") + "}", nil }

// Scan implements sql.Scanner for PostgreSQL's text form of an array without blanks, quotes or commas inside its elements.
func (o *Origins) Scan(src any) error {
	list, err := scanTexts(src)
	*o = list
	return err
}

// scanTexts reads the text form of a text[] whose elements need no quoting.
func scanTexts(src any) ([]string, error) {
	s, ok := src.(string)
	if !ok || len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return nil, fmt.Errorf("scan %T into a list of texts", src)
	}
	if s == "{}" {
		return nil, nil
	}
	return strings.Split(s[1:len(s)-1], ","), nil
}
