package simprovider

import (
	"context"
	"time"

	"ccm-ts.invalid/bench/cloudsim"
)

// batchWindow is how long the first question waits for others. The AWS provider's batcher waits as long.
const batchWindow = 100 * time.Millisecond

// batcher joins questions for single instances that come within batchWindow of each other into one call.
type batcher struct {
	client    *client
	questions chan question
}

type question struct {
	name   string
	answer chan<- instanceAnswer
}

type instanceAnswer struct {
	instance *cloudsim.Instance
	err      error
}

func newBatcher(client *client) *batcher {
	b := &batcher{client: client, questions: make(chan question)}
	go b.run()
	return b
}

func (b *batcher) describe(ctx context.Context, name string) (*cloudsim.Instance, error) {
	answers := make(chan instanceAnswer, 1)
	b.questions <- question{name: name, answer: answers}
	select {
	case answer := <-answers:
		return answer.instance, answer.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (b *batcher) run() {
	for first := range b.questions {
		go b.ask(b.collect(first))
	}
}

func (b *batcher) collect(first question) []question {
	batch := []question{first}
	window := time.After(batchWindow)
	for len(batch) < cloudsim.MaxNamesPerCall {
		select {
		case next := <-b.questions:
			batch = append(batch, next)
		case <-window:
			return batch
		}
	}
	return batch
}

func (b *batcher) ask(batch []question) {
	names := make([]string, len(batch))
	for i, question := range batch {
		names[i] = question.name
	}
	found, err := b.client.describe(context.Background(), names)
	for _, question := range batch {
		question.answer <- instanceAnswer{instance: found[question.name], err: err}
	}
}
