"""Positions of the multi-particle environments and of Pursuit, as a map."""

from typing import Any

from arena.games.drawing import SEAT_COLOURS
from arena.wire.board import Board, Grid, Lines, Piece

SIZE = 21  # cells of the map, each way; the world is from -1 to 1
_WORLD = 1.2  # what is further out is drawn at the edge


def board(env: Any) -> Board:
    """Agents by their seats' numbers, landmarks as +."""
    cells = [[""] * SIZE for _ in range(SIZE)]
    for landmark in env.world.landmarks:
        row, column = _cell(landmark.state.p_pos)
        cells[row][column] = "+"
    for seat, agent in enumerate(env.world.agents):
        row, column = _cell(agent.state.p_pos)
        cells[row][column] = str(seat)
    pieces = {
        str(seat): Piece(shape="disc", colour=colour, glyph=str(seat)) for seat, colour in enumerate(SEAT_COLOURS)
    }
    pieces["+"] = Piece(shape="disc", colour="#9a9a9a")
    return Board(parts=[Grid(cells=cells, kind="plain", pieces=pieces)])


def pursuit(env: Any) -> Board:
    """Pursuers by their seats' numbers, evaders as e, walls as #."""
    world = env.env
    walls = world.map_matrix
    cells = [["#" if wall < 0 else "" for wall in row] for row in walls.T.tolist()]
    layers = [(world.evader_layer, ["e"] * world.n_evaders), (world.pursuer_layer, list(map(str, range(100))))]
    for layer, marks in layers:
        for number in range(layer.n_agents()):
            column, row = (int(part) for part in layer.get_position(number))
            cells[row][column] = marks[number]
    pieces = {
        str(seat): Piece(shape="disc", colour=colour, glyph=str(seat)) for seat, colour in enumerate(SEAT_COLOURS)
    }
    pieces |= {"#": Piece(shape="fill", colour="#777777"), "e": Piece(shape="disc", colour="#9a9a9a")}
    return Board(parts=[Grid(cells=cells, pieces=pieces)])


def knights_archers(env: Any) -> Board:
    """How many of each are there, and what was won."""
    world = env
    lines = [f"frame {world.frames}, zombies {len(world.zombie_list)}"]
    lines += [f"{name}: {'alive' if name in world.agents else 'dead'}" for name in world.possible_agents]
    return Board(parts=[Lines(lines=lines)])


def _cell(position: Any) -> tuple[int, int]:
    at = [min(max(round((float(part) + _WORLD) / (2 * _WORLD) * (SIZE - 1)), 0), SIZE - 1) for part in position]
    return SIZE - 1 - at[1], at[0]
