package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// loaded finds what a browser fetches with a page.
var loaded = regexp.MustCompile(`(?:<script[^>]* src|<link[^>]* rel="?(?:stylesheet|modulepreload)"?[^>]* href|<img[^>]* src)="([^"]+)"`)

// page is W13: what the public giving page weighs, and what serving it costs.
func (l *lab) page(ctx context.Context) error {
	p, err := l.start(ctx, "--no-work")
	if err != nil {
		return err
	}
	defer func() { _ = p.stop() }()
	get := func(path, encoding string) (*http.Request, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
		if err == nil {
			r.Header.Set("Accept-Encoding", encoding)
			r.Header.Set("Accept", "text/html")
		}
		return r, err
	}
	fetch := func(path, encoding string) (string, error) {
		r, err := get(path, encoding)
		if err != nil {
			return "", err
		}
		transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
		answer, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			return "", err
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s answered %d", path, answer.StatusCode)
		}
		return string(body), err
	}
	const address = "/give/bench-1/campaign-8"
	plain, err := fetch(address, "identity")
	if err != nil {
		return fmt.Errorf("fetch the giving page: %w", err)
	}
	parts := []string{address}
	for _, found := range loaded.FindAllStringSubmatch(plain, -1) {
		if strings.HasPrefix(found[1], "/") {
			parts = append(parts, found[1])
		}
	}
	total, page := 0, 0
	for i, part := range parts {
		body, err := fetch(part, "gzip")
		if err != nil {
			return fmt.Errorf("fetch what belongs to the giving page: %w", err)
		}
		total += len(body)
		if i == 0 {
			page = len(body)
		}
	}
	serve := func() (int, error) {
		return send(ctx, l.Operations, http.StatusOK, func(int) (*http.Request, error) { return get(address, "gzip") })
	}
	if _, err := serve(); err != nil {
		return fmt.Errorf("serve the giving page: %w", err)
	}
	var costs []cost
	for range l.Rounds {
		c, err := l.measure(p, serve)
		if err != nil {
			return fmt.Errorf("serve the giving page: %w", err)
		}
		costs = append(costs, c)
	}
	l.title("W13 the public giving page")
	l.say("bytes, compressed, with all it loads (the page alone)", fmt.Sprintf("%.1f kB (%.1f)", float64(total)/1000, float64(page)/1000), "≤ 30 kB")
	l.say("requests", fmt.Sprint(len(parts)), "≤ 5")
	l.say("CPU per page, program and PostgreSQL", microseconds(median(costs)), "≤ 500 µs")
	l.say("pages a second, best round", fmt.Sprintf("%.0f", best(costs)), "")
	return nil
}
