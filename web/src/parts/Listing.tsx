import { Checkbox, Group, Loader, Table, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import {
  type ColumnDef,
  type ColumnDefTemplate,
  getCoreRowModel,
  getSortedRowModel,
  type RowSelectionState,
  type SortingState,
  useReactTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { number } from './format';
import classes from './Listing.module.css';

const ROW_PX = 46;
const OVERSCAN = 12;
const NEAR_END = 30; // rows before the end at which more are asked for

export type Columns<Row> = ColumnDef<Row, never>[];

interface Props<Row> {
  /** What is listed, for screen readers. */
  label: string;
  rows: Row[];
  columns: Columns<Row>;
  rowId: (row: Row) => string;
  /** Instead of rows, when there are none. */
  empty?: ReactNode;
  /** Of an infinite query: there are more, they are on their way, ask for them. */
  hasMore?: boolean;
  loadingMore?: boolean;
  loadMore?: () => unknown;
  /** Rows can be chosen; which are. */
  chosen?: RowSelectionState;
  choose?: (chosen: RowSelectionState) => void;
  /** The person may sort what is loaded. Off for lists in pages: half a list sorted is not sorted. */
  sortable?: boolean;
  /** Pixels; the list scrolls within. */
  height?: number;
}

/** A table of any length: only rows that are seen are in the page. Columns of `meta.wide` are left out on phones. */
export function Listing<Row>(props: Props<Row>) {
  const {
    label,
    rows,
    columns,
    rowId,
    empty,
    hasMore,
    loadingMore,
    loadMore,
    chosen,
    choose,
    sortable,
    height = 560,
  } = props;
  const { t } = useTranslation();
  const [sorting, setSorting] = useState<SortingState>([]);
  const scroller = useRef<HTMLDivElement>(null);
  const table = useReactTable<Row>({
    data: rows,
    columns: columns as ColumnDef<Row>[],
    getRowId: rowId,
    state: { sorting, rowSelection: chosen ?? {} },
    enableSorting: sortable ?? false,
    enableRowSelection: chosen !== undefined,
    onSortingChange: setSorting,
    onRowSelectionChange: (update) => choose?.(typeof update === 'function' ? update(chosen ?? {}) : update),
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  const model = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: model.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !loadingMore && model.length > 0 && last >= model.length - NEAR_END) loadMore?.();
  }, [hasMore, loadingMore, last, model.length, loadMore]);

  if (rows.length === 0 && !hasMore && empty) return <>{empty}</>;
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const width = columns.length + (chosen ? 1 : 0);
  return (
    <section ref={scroller} className={classes.scroller} style={{ maxHeight: height }} aria-label={label}>
      <Table
        highlightOnHover
        stickyHeader
        verticalSpacing="xs"
        aria-label={label}
        aria-rowcount={hasMore ? -1 : rows.length + 1}
      >
        <Table.Thead>
          {table.getHeaderGroups().map((group) => (
            <Table.Tr key={group.id}>
              {chosen && (
                <Table.Th w={40}>
                  <Checkbox
                    aria-label={t('list.chooseAll')}
                    checked={table.getIsAllRowsSelected()}
                    indeterminate={table.getIsSomeRowsSelected()}
                    onChange={table.getToggleAllRowsSelectedHandler()}
                  />
                </Table.Th>
              )}
              {group.headers.map((header) => (
                <Table.Th
                  key={header.id}
                  className={wide(header.column.columnDef)}
                  aria-sort={sortedAs(header.column.getIsSorted())}
                >
                  {header.column.getCanSort() ? (
                    <UnstyledButton onClick={header.column.getToggleSortingHandler()} fz="sm" fw={700}>
                      <Group gap={4} wrap="nowrap">
                        {drawn(header.column.columnDef.header, header.getContext())}
                        {header.column.getIsSorted() === 'asc' && <IconArrowUp size={14} aria-hidden />}
                        {header.column.getIsSorted() === 'desc' && <IconArrowDown size={14} aria-hidden />}
                      </Group>
                    </UnstyledButton>
                  ) : (
                    drawn(header.column.columnDef.header, header.getContext())
                  )}
                </Table.Th>
              ))}
            </Table.Tr>
          ))}
        </Table.Thead>
        <Table.Tbody>
          {before > 0 && <Spacer height={before} columns={width} />}
          {items.map((item) => {
            const row = model[item.index];
            if (!row) return null;
            return (
              <Table.Tr
                key={row.id}
                ref={virtual.measureElement}
                data-index={item.index}
                aria-rowindex={item.index + 2}
              >
                {chosen && (
                  <Table.Td>
                    <Checkbox
                      aria-label={t('list.choose')}
                      checked={row.getIsSelected()}
                      onChange={row.getToggleSelectedHandler()}
                    />
                  </Table.Td>
                )}
                {row.getVisibleCells().map((cell) => (
                  <Table.Td key={cell.id} className={wide(cell.column.columnDef)}>
                    {drawn(cell.column.columnDef.cell, cell.getContext())}
                  </Table.Td>
                ))}
              </Table.Tr>
            );
          })}
          {after > 0 && <Spacer height={after} columns={width} />}
        </Table.Tbody>
      </Table>
      <Group justify="center" h={32} gap="xs">
        {loadingMore ? (
          <Loader size="xs" type="dots" aria-label={t('state.loading')} />
        ) : (
          <Text size="xs" c="dimmed">
            {hasMore ? '' : t('list.count', { count: rows.length, shown: number(rows.length) })}
          </Text>
        )}
      </Group>
    </section>
  );
}

const Spacer = ({ height, columns }: { height: number; columns: number }) => (
  <tr aria-hidden style={{ height }}>
    <td colSpan={columns} />
  </tr>
);

/** Called, not mounted as a component: columns made anew at each drawing would close what is open in their cells. */
const drawn = <Context extends object>(template: ColumnDefTemplate<Context> | undefined, context: Context) =>
  typeof template === 'function' ? template(context) : template;

const wide = (column: { meta?: { wide?: boolean } }) => (column.meta?.wide ? classes.wide : undefined);
const sortedAs = (sorted: false | 'asc' | 'desc') =>
  sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined;

declare module '@tanstack/react-table' {
  interface ColumnMeta<TData, TValue> {
    wide?: boolean;
  }
}
