import { z } from 'zod';

/** One thing that a board's file names, and whether it is there. */
export interface BoardCheckRow {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What the running receiver knows of its board. */
export const boardView = z.object({
  /** Name of the board; left out where none is in use. */
  name: z.string().optional(),
  /** Input lines by name, as they are now. */
  inputs: z.record(z.string(), z.boolean()),
  /** Why lines cannot be held. */
  trouble: z.string().optional(),
});

/** See {@link boardView}. */
export type BoardView = Readonly<z.infer<typeof boardView>>;
