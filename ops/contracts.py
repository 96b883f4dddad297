"""Import contracts for rooms of the house that may not be built yet."""

from __future__ import annotations

from typing import Any

from grimp import ImportGraph
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.domain.contract import ContractCheck


class ForbiddenWherePresent(ForbiddenContract):
    """Like ``forbidden``, but a room of ours that is not there yet is passed over instead of being an error.

    A misspelt name would be passed over too: tests/architecture plants a violation in every room.
    """

    type_name = "forbidden_where_present"
    # The base class declares fields here and finds the values of the contract in their place.
    source_modules: Any
    forbidden_modules: Any

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        self.source_modules = self._present(self.source_modules, graph)
        self.forbidden_modules = self._present(self.forbidden_modules, graph)
        return super().check(graph, verbose)

    def _present(self, names: Any, graph: ImportGraph) -> set[Any]:
        ours = self.session_options["root_packages"]
        return {n for n in names if n.expression.split(".")[0] not in ours or n.expression in graph.modules}
