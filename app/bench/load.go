package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// send makes n requests over a number of connections and requires their status. request makes the request number i.
func send(ctx context.Context, n, status int, request func(i int) (*http.Request, error)) (int, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var next atomic.Int64
	var sending sync.WaitGroup
	failed := make([]error, clients)
	for c := range clients {
		sending.Go(func() {
			for failed[c] == nil && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				failed[c] = one(client, status, i, request)
			}
		})
	}
	sending.Wait()
	return n, errors.Join(append(failed, ctx.Err())...)
}

func one(client *http.Client, status, i int, request func(int) (*http.Request, error)) error {
	r, err := request(i)
	if err != nil {
		return err
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != status {
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
		return fmt.Errorf("%s %s answered %d, not %d: %s", r.Method, r.URL.Path, answer.StatusCode, status, said)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}
