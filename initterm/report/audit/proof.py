"""A proof as JSON, and as tables for people: what was fixed, the signal of both models, and what both learned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

import msgspec
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from initterm.experiments.audit.board import AuditBoard, ProofBoard
from initterm.experiments.audit.events import Finding, Fix, FixedAudited, Outcome, PairFinished, PairsPlanned
from initterm.experiments.comparison import Pair
from initterm.report.audit.results import (
    DRAWN,
    INDENT,
    MARKS,
    STYLES,
    audit_json,
    audit_junit,
    audit_table,
    counted,
    listed,
    place,
)
from initterm.report.comparison import LEAST_P_SHOWN, pair_of, pair_verdict
from initterm.report.files import Forms, Json, csv_of, json_text
from initterm.report.tables import spaced
from initterm.theory.numbers import finite_text, grouped, p_words, plain, short, with_decimals
from initterm.theory.wording import counted as number_of
from initterm.theory.wording import joined

PASSING = ("advanced", "finished")
"""Fields of a board that are about its being under way."""

KEYS = {"fixed": "mended"}
"""What others know a field as."""

FIXED, AS_IT_STANDS = "the fixed model", "the model as it stands"


def proof_json(proof: ProofBoard) -> Json:
    """Everything that a proof told, and ``verdicts``, what its training came to in sentences."""
    told = {
        KEYS.get(field.name, field.name): getattr(proof, field.name)
        for field in fields(proof)
        if field.name not in PASSING
    }
    seconds = proof.finished.seconds if proof.finished else None
    concluded = {"judged": proof.comparison, "seconds": seconds, "verdicts": list(training_sentences(proof))}
    return {**msgspec.to_builtins(told), **msgspec.to_builtins(concluded)}


def whole_json(board: AuditBoard) -> Json:
    """An audit, and its proof where it has one."""
    return audit_json(board) | ({"proof": proof_json(board.proof)} if board.proof else {})


def findings_csv(board: AuditBoard) -> str:
    """One line a tensor or layer of which something is found, the gravest first."""
    names = ("check", "severity", "path", "what", "evidence", "why", "fix", "initializer")
    found = ((finding, path) for finding in board.findings for path in finding.paths)
    rows = (
        {**msgspec.structs.asdict(one), "path": path, "initializer": one.initializer_of(path)} for one, path in found
    )
    return csv_of(names, rows)


def audit_forms(board: AuditBoard) -> Forms:
    """Everything as JSON, and JUnit's XML in which errors fail."""
    return {
        ".json": lambda: json_text(whole_json(board)).encode(),
        ".xml": lambda: audit_junit(board, board.at_least("error")),
    }


def proof_parts(board: AuditBoard) -> Iterator[RenderableType]:
    """What was fixed, the signal before and after, what remains, and what a training of both came to."""
    proof = board.proof
    if proof is None:
        return
    if proof.note:
        yield Text(f"No proof: {proof.note}", style="yellow")
    if proof.fixed is None:
        return
    yield from _fix_parts(proof.fixed.fixes)
    yield from _signal_parts(board, proof.fixed)
    yield from _remaining(proof.fixed.findings)
    yield from _training_parts(proof)


def fixed_words(fixes: Sequence[Fix]) -> str:
    """``Fixed 3 tensors``, dropout layers counted by themselves."""
    dropouts = sum(fix.kind == "alpha_dropout" for fix in fixes)
    counts = (("tensor", len(fixes) - dropouts), ("dropout layer", dropouts))
    return f"Fixed {joined([number_of(what, count) for what, count in counts if count] or ['nothing'])}"


def _fix_parts(fixes: Sequence[Fix]) -> Iterator[RenderableType]:
    """A row for all tensors that are fixed alike."""
    yield Text(f"{fixed_words(fixes)}; all else is as it was:")
    alike: dict[tuple[str, str], list[str]] = {}
    for fix in fixes:
        alike.setdefault((fix.declared or "–", fix.fixed), []).append(fix.path)
    table = audit_table("tensor", "declared", DRAWN)
    for (declared, fixed), paths in alike.items():
        table.add_row(listed(paths), declared, fixed)
    yield table


def _signal_parts(board: AuditBoard, again: FixedAudited) -> Iterator[RenderableType]:
    before, after = board.signal, again.signal
    if not before or not after or not before.layers or len(before.layers) != len(after.layers):
        yield Text(after.note if after else "The signals can't be set side by side.", style="yellow")
        return
    yield Text(f"Signal and gradient of both models, of the same {before.source} inputs:")
    table = audit_table("layer", "signal", "fixed", "gradient", "fixed")
    for layer, fixed_layer in spaced(list(zip(before.layers, after.layers, strict=True))):
        signals = layer.activation_std, fixed_layer.activation_std
        gradients = layer.gradient_std, fixed_layer.gradient_std
        table.add_row(layer.layer, *map(finite_text, (*signals, *gradients)))
    yield table
    if before.classes is not None:
        yield Text(
            f"Loss at the start against random labels, {before.classes} classes: "
            f"{finite_text(before.loss, 4)} as it stands, {finite_text(after.loss, 4)} fixed."
        )


def _remaining(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    if not findings:
        yield Text("The fixed model's audit finds nothing.")
        return
    yield Text(f"The fixed model's audit finds {counted(findings)}:")
    for finding in findings:
        mark = f"{MARKS[finding.severity]} "
        yield Padding(Text.assemble((mark, STYLES[finding.severity]), f"{place(finding)}: {finding.what}"), INDENT)


def _training_parts(proof: ProofBoard) -> Iterator[RenderableType]:
    if proof.plan is None:
        return
    plan = proof.plan
    yield Text(
        f"Both trained for {grouped(plan.steps)} steps of {plan.batch_size}, on the same batches: "
        f"{grouped(plan.train)} examples, {grouped(plan.validation)} to validate; "
        f"{plan.loss}; Adam {plain(plan.learning_rate)}."
    )
    if plan.note:
        yield Text(plan.note, style="yellow")
    table = audit_table("seed", "loss", "fixed", "val loss", "fixed", "val acc", "fixed")
    for pair in proof.pairs:
        table.add_row(str(pair.seed), *_figures(pair))
    yield table
    for sentence in training_sentences(proof):
        yield Text(sentence)


def _figures(pair: PairFinished) -> Iterator[str]:
    both = pair.as_it_stands, pair.fixed
    yield from ("diverged" if side.diverged_at else finite_text(side.train_loss, 4) for side in both)
    yield from (finite_text(side.loss, 4) for side in both)
    yield from (with_decimals(side.accuracy) for side in both)


def training_sentences(proof: ProofBoard) -> Iterator[str]:
    """Who diverged, and whether the fixed model learned more than luck explains."""
    for name, sides in (
        (AS_IT_STANDS, [pair.as_it_stands for pair in proof.pairs]),
        (FIXED, [pair.fixed for pair in proof.pairs]),
    ):
        yield from _divergence(name, sides)
    if proof.comparison is None or proof.plan is None:
        return
    pair = pair_of(proof.comparison, 0, 1)
    trains = proof.comparison.by_training(pair)
    if pair.difference is None and not trains:
        return
    told = (
        pair_verdict(FIXED, AS_IT_STANDS, pair, proof.comparison)
        if trains or proof.plan.judged_by == "accuracy"
        else _loss_verdict(pair, proof.plan)
    )
    yield told[0].upper() + told[1:]


def _divergence(name: str, sides: Sequence[Outcome]) -> Iterator[str]:
    steps = [side.diverged_at for side in sides if side.diverged_at is not None]
    if steps:
        yield (
            f"{name[0].upper()}{name[1:]} diverged with {len(steps)} of {len(sides)} seeds: "
            f"its loss was NaN or infinite from step {min(steps)} on."
        )


def _loss_verdict(pair: Pair, plan: PairsPlanned) -> str:
    """The losses in a sentence; of losses the smaller is the better."""
    loss = "training loss" if plan.judged_by == "train_loss" else "validation loss"
    if pair.p_value is None or pair.difference is None or pair.interval is None:
        return f"{FIXED} and {AS_IT_STANDS} can't be told apart: too few seeds, or no spread to judge by."
    chance = p_words(pair.p_value, LEAST_P_SHOWN)
    low, high = sorted(abs(end) for end in pair.interval)
    if pair.answer == "undecided":
        ends = " and ".join(short(end).replace("-", "−") for end in pair.interval)
        told = f"the difference is between {ends} ({pair.seeds} seeds, {chance})"
        return f"{FIXED} and {AS_IT_STANDS} can't be told apart yet in {loss}: {told}."
    better, worse = (FIXED, AS_IT_STANDS) if pair.difference < 0 else (AS_IT_STANDS, FIXED)
    apart = f"{short(abs(pair.difference))} ({short(low)} to {short(high)}; {chance})"
    return f"{better} has a smaller {loss} than {worse}, by {apart}."
