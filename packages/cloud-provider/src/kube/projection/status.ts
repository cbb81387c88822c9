import { int, list, message, nested, string } from './projection.ts';

/** The server's account of a failure. Source: k8s.io/apimachinery meta/v1. */
export interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details: WireStatusDetails;
}

export interface WireStatusDetails {
  readonly name: string;
  readonly group: string;
  readonly kind: string;
  readonly uid: string;
  readonly retryAfterSeconds: number;
  readonly causes: readonly WireStatusCause[];
}

export interface WireStatusCause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** Numbers: k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto. */
export const statusProjection = message<Status>({
  code: int(6),
  reason: string(4),
  message: string(3),
  details: nested(
    5,
    message<WireStatusDetails>({
      name: string(1),
      group: string(2),
      kind: string(3),
      uid: string(6),
      retryAfterSeconds: int(5),
      causes: list(4, message<WireStatusCause>({ field: string(3), reason: string(1), message: string(2) })),
    }),
  ),
});

/** `metadata` of a list. */
export interface ListMeta {
  readonly resourceVersion: string;
  /** The token of the next page; empty on the last. */
  readonly continue: string;
}

export const listMetaProjection = message<ListMeta>({ resourceVersion: string(2), continue: string(3) });
