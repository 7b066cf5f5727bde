package account

import (
	"time"
	"unicode/utf8"

	"tributary/domain/id"
)

// How long a session lasts.
const (
	SessionIdle  = 12 * time.Hour      // after the last request
	SessionLife  = 30 * 24 * time.Hour // after sign-in, however busy
	SessionTouch = time.Minute         // how stale last_seen_at may get
)

const longestUserAgent = 300

// Session is a signed-in browser, known by the hash of its cookie.
type Session struct {
	TokenHash  []byte `gorm:"primaryKey"`
	LoginID    id.ID[Login]
	CSRFToken  string `gorm:"column:csrf_token"`
	UserAgent  string
	IP         string `gorm:"column:ip"`
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
}

// TableName tells GORM the table.
func (Session) TableName() string { return "sessions" }

// Browser is where a sign-in comes from.
type Browser struct {
	IP        string
	UserAgent string
}

// SessionSecrets are the two random values of a session: the cookie's, of which only the hash is kept, and the one that requests repeat.
type SessionSecrets struct {
	TokenHash []byte
	CSRFToken string
}

// NewSession signs a login in from a browser.
func NewSession(login id.ID[Login], secrets SessionSecrets, b Browser, now time.Time) Session {
	return Session{
		TokenHash: secrets.TokenHash, CSRFToken: secrets.CSRFToken, LoginID: login, IP: b.IP, UserAgent: clip(b.UserAgent, longestUserAgent),
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(SessionLife),
	}
}

// Live reports whether the session still counts at now.
func (s Session) Live(now time.Time) bool {
	return now.Before(s.ExpiresAt) && now.Before(s.LastSeenAt.Add(SessionIdle))
}

// clip keeps at most n characters of what a browser sent, without what PostgreSQL cannot store.
func clip(s string, n int) string {
	clean := make([]rune, 0, min(len(s), n))
	for _, r := range s {
		if len(clean) == n {
			break
		}
		if r != utf8.RuneError && !invisible(r) {
			clean = append(clean, r)
		}
	}
	return string(clean)
}
