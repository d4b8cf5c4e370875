using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using Xunit;

namespace SignerCluster.Conformance;

public abstract partial class JournalSpec
{
    private static readonly EntityId _ring = EntityId.Parse("keys/ring");

    [Fact]
    public async Task K1_A_journal_begins_without_a_key_epoch_and_rows_that_are_not_sealed_are_always_accepted()
    {
        Assert.Equal(0, await EpochAsync());
        await AppendedAsync(Entity("session/plain"), 0, [[1]]);
        await ActivateAsync(3);
        await AppendedAsync(Entity("session/plain"), 1, [[2]]);

        Assert.All(await ReadAsync(Entity("session/plain")), row => Assert.Equal(0, row.KeyEpoch));
    }

    [Fact]
    public async Task K1_An_activation_holds_from_its_commit_on_over_reopening_and_an_older_epoch_never_comes_back()
    {
        await ActivateAsync(2);
        await ActivateAsync(1);
        Assert.Equal(2, await EpochAsync());

        await ReopenJournalAsync();

        Assert.Equal(2, await EpochAsync());
        Assert.Equal(new AppendOutcome.StaleKeyEpoch(2), await _journal.AppendAsync(Sealed(Entity("session/late"), 0, 1)));
        Assert.Equal(new AppendOutcome.Appended(1), await _journal.AppendAsync(Sealed(Entity("session/late"), 0, 2)));
        Assert.Equal(2, (await ReadAsync(Entity("session/late"))).Single().KeyEpoch);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task K1_An_append_sealed_under_an_epoch_that_is_not_active_is_refused_and_writes_nothing(int epoch)
    {
        EntityId id = Entity("session/stale");
        await ActivateAsync(2);

        Assert.Equal(new AppendOutcome.StaleKeyEpoch(2), await _journal.AppendAsync(Sealed(id, 0, epoch) with { OpenAfter = true, ActivatesKeyEpoch = 9 }));

        Assert.Empty(await ReadAsync(id));
        Assert.Equal(0, await VersionAsync(id));
        Assert.Empty(await KnownAsync("session"));
        Assert.Equal(2, await EpochAsync());
    }

    [Fact]
    public async Task K1_An_append_that_conflicts_and_is_stale_is_told_of_the_conflict()
    {
        EntityId id = Entity("session/both");
        await AppendedAsync(id, 0, [[1]]);
        await ActivateAsync(2);

        Assert.Equal(new AppendOutcome.Conflict(1), await _journal.AppendAsync(Sealed(id, 0, 1)));
        Assert.Equal(new AppendOutcome.Conflict(1), await _journal.AppendAsync(Append(id, 0, openAfter: false, [1]) with { ActivatesKeyEpoch = 7 }));
        Assert.Equal(2, await EpochAsync());
    }

    [Fact]
    public async Task K1_An_append_is_judged_by_the_epoch_before_its_own_activation()
    {
        await ActivateAsync(1);
        Assert.Equal(new AppendOutcome.StaleKeyEpoch(1), await _journal.AppendAsync(Sealed(Entity("session/self"), 0, 2) with { ActivatesKeyEpoch = 2 }));
        Assert.Equal(new AppendOutcome.Appended(1), await _journal.AppendAsync(Sealed(Entity("session/self"), 0, 1) with { ActivatesKeyEpoch = 2 }));
        Assert.Equal(2, await EpochAsync());
    }

    [Fact]
    public async Task K1_With_rotations_racing_appends_every_row_is_sealed_under_the_epoch_that_was_active_at_its_place()
    {
        const int Writers = 6;
        const int Rotations = 25;
        await ActivateAsync(1);
        using var done = new CancellationTokenSource();
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteSealedAsync(Entity($"session/{writer}"), done.Token)))];
        for (int epoch = 2; epoch <= Rotations; epoch++)
        {
            await ActivateAsync(epoch);
            await AppendSealedAsync(Entity("session/rotating"), epoch - 2);
        }

        await done.CancelAsync();
        await Task.WhenAll(writers);

        int active = 0;
        IReadOnlyList<StoredRow> rows = await _journal.ReadAllAsync(0, int.MaxValue, CancellationToken.None);
        foreach (StoredRow stored in rows)
        {
            if (stored.PersistenceId == _ring.ToString())
                active++;
            else
                Assert.Equal(active, stored.Row.KeyEpoch);
        }

        Assert.Equal(Rotations, active);
        Assert.Equal(rows.Select(stored => stored.Row.Ordering).Order().Distinct(), rows.Select(stored => stored.Row.Ordering));
    }

    [Fact]
    public async Task K6_Rows_of_old_epochs_are_given_in_pages_in_the_order_of_their_commits()
    {
        await AppendedAsync(Entity("session/plain"), 0, [[0]]);
        for (int epoch = 1; epoch <= 3; epoch++)
        {
            await ActivateAsync(epoch);
            for (int i = 0; i < 4; i++)
                await AppendSealedAsync(Entity($"session/{i}"), epoch - 1);
        }

        StoredRow[] first = [.. (await _journal.ReadSealedBeforeAsync(2, 0, 2, CancellationToken.None))];
        Assert.Equal(2, await _journal.ResealAsync([.. first.Select(stored => Anew(stored.Row, 3))], CancellationToken.None));

        var paged = new List<StoredRow>();
        IReadOnlyList<StoredRow> page;
        do
        {
            page = await _journal.ReadSealedBeforeAsync(3, paged.Count == 0 ? 0 : paged[^1].Row.Ordering, 4, CancellationToken.None);
            paged.AddRange(page);
        }
        while (page.Count == 4);

        Assert.Equal(["session/2 1", "session/3 1", "session/0 2", "session/1 2", "session/2 2", "session/3 2"],
            paged.Select(stored => $"{stored.PersistenceId} {stored.Row.KeyEpoch}"));
        Assert.Empty(await _journal.ReadSealedBeforeAsync(1, 0, 10, CancellationToken.None));
        Assert.Equal(6 + 2 + 4, (await _journal.ReadSealedBeforeAsync(99, 0, 100, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task K6_Resealing_replaces_the_message_of_what_still_stands_under_the_old_epoch_and_nothing_else()
    {
        EntityId id = Entity("session/resealed");
        await ActivateAsync(1);
        await AppendSealedAsync(id, 0);
        await AppendSealedAsync(id, 1);
        JournalRow[] before = [.. await ReadAsync(id)];
        await ActivateAsync(2);
        ResealedRow[] anew = [.. before.Select(row => Anew(row, 2))];

        Assert.Equal(1, await _journal.ResealAsync([anew[0]], CancellationToken.None));
        Assert.Equal(1, await _journal.ResealAsync(anew, CancellationToken.None));
        Assert.Equal(0, await _journal.ResealAsync(anew, CancellationToken.None));
        Assert.Equal(0, await _journal.ResealAsync([anew[0] with { Ordering = 999 }], CancellationToken.None));
        Assert.Equal(0, await _journal.ResealAsync([], CancellationToken.None));
        await ReopenJournalAsync();

        IReadOnlyList<JournalRow> after = await ReadAsync(id);
        Assert.All(after, row => Assert.Equal("anew"u8.ToArray(), row.Message.ToArray()));
        Assert.Equal(before.Select(row => row with { KeyEpoch = 2, Message = default }), after.Select(row => row with { Message = default }));
        Assert.Equal(2, await VersionAsync(id));
        Assert.Empty(await _journal.ReadSealedBeforeAsync(2, 0, 10, CancellationToken.None));
    }

    [Fact]
    public async Task K6_Resealing_under_an_epoch_that_is_not_active_any_more_changes_nothing()
    {
        EntityId id = Entity("session/overtaken");
        await ActivateAsync(1);
        await AppendSealedAsync(id, 0);
        JournalRow row = (await ReadAsync(id)).Single();
        await ActivateAsync(3);

        Assert.Equal(0, await _journal.ResealAsync([Anew(row, 2), Anew(row, 4)], CancellationToken.None));
        JournalRow after = (await ReadAsync(id)).Single();
        Assert.Equal(1, after.KeyEpoch);
        Assert.Equal(row.Message.ToArray(), after.Message.ToArray());
    }

    [Fact]
    public async Task K6_Resealing_that_races_appends_loses_none_and_leaves_nothing_behind()
    {
        await ActivateAsync(1);
        using var done = new CancellationTokenSource();
        Task<long>[] writers = [.. Enumerable.Range(0, 4).Select(writer => Task.Run(() => WriteSealedAsync(Entity($"session/{writer}"), done.Token)))];
        for (int epoch = 2; epoch <= 6; epoch++)
        {
            await ActivateAsync(epoch);
            IReadOnlyList<StoredRow> old;
            while ((old = await _journal.ReadSealedBeforeAsync(epoch, 0, 50, CancellationToken.None)).Count > 0)
                Assert.Equal(old.Count, await _journal.ResealAsync([.. old.Select(stored => Anew(stored.Row, epoch))], CancellationToken.None));
        }

        await done.CancelAsync();
        long[] versions = await Task.WhenAll(writers);
        for (int writer = 0; writer < versions.Length; writer++)
        {
            IReadOnlyList<JournalRow> rows = await ReadAsync(Entity($"session/{writer}"));
            Assert.Equal(versions[writer], rows.Count);
            Assert.All(rows, row => Assert.Equal(6, row.KeyEpoch));
        }
    }

    private static ResealedRow Anew(JournalRow row, int epoch) => new(row.Ordering, row.KeyEpoch, epoch, "anew"u8.ToArray());

    private static JournalAppend Sealed(EntityId id, long expectedVersion, int epoch) =>
        Append(id, expectedVersion, openAfter: false, [(byte)epoch]) with { KeyEpoch = epoch };

    private async Task<int> EpochAsync() => await _journal.ReadKeyEpochAsync(CancellationToken.None);

    private async Task ActivateAsync(int epoch)
    {
        long version = await VersionAsync(_ring);
        Assert.Equal(
            new AppendOutcome.Appended(version + 1),
            await _journal.AppendAsync(Append(_ring, version, openAfter: false, [0]) with { ActivatesKeyEpoch = epoch }));
    }

    /// <summary>Appends one row as a sealing writer does: when the epoch went stale, it seals again under the one that it was told.</summary>
    private async Task AppendSealedAsync(EntityId id, long version)
    {
        int epoch = await EpochAsync();
        AppendOutcome outcome;
        while ((outcome = await _journal.AppendAsync(Sealed(id, version, epoch))) is AppendOutcome.StaleKeyEpoch stale)
            epoch = stale.ActiveEpoch;
        Assert.Equal(new AppendOutcome.Appended(version + 1), outcome);
    }

    /// <summary>
    /// Appends until it is told to stop, or to a bound: a journal that reads more slowly than four writers write would never be done otherwise.
    /// </summary>
    private async Task<long> WriteSealedAsync(EntityId id, CancellationToken until)
    {
        const int Bound = 400;
        long version = 0;
        for (; (!until.IsCancellationRequested && version < Bound) || version == 0; version++)
            await AppendSealedAsync(id, version);
        return version;
    }
}
