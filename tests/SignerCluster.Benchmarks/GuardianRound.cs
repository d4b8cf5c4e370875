using System.Globalization;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Benchmarks;

/// <summary>A guardian that has accepted many withdrawals: one decision more, and reading all of them back.</summary>
[MemoryDiagnoser]
public class GuardianRound
{
    private static readonly GroupId _group = new(FixedBytes.From<Bytes32>(SHA256.HashData("group"u8)));
    private readonly List<(string Name, byte[] Bytes)> _stored = [];
    private GuardianState _state = GuardianDecider.Initial(_group);
    private GuardianCommand _next = new GuardianCommand.Show();

    [Params(10_000, 100_000)]
    public int Withdrawals { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        LimiterWindow[] windows = [new("hour", 1_000_000_000_000, 1_000_000), new("day", 1_000_000_000_000, 1_000_000)];
        Do(new GuardianCommand.Configure(new GuardianRules(Batch.Of(windows), 86_400, 300, 86_400)));
        for (int number = 0; number < Withdrawals; number++)
        {
            Do(Withdraw(number));
        }

        _next = Withdraw(Withdrawals);
    }

    /// <summary>Whether and how a withdrawal is accepted: its record, with the buckets after it.</summary>
    [Benchmark]
    public IReadOnlyList<GuardianEvent> Limit() => Accept(_state, _next);

    /// <summary>What a withdrawal costs its guardian beside the write.</summary>
    [Benchmark]
    public GuardianState Decide() => Evolved(_state, Accept(_state, _next));

    /// <summary>What recovery costs beside the reading.</summary>
    [Benchmark]
    public GuardianState Replay() => _stored.Aggregate(
        GuardianDecider.Initial(_group), static (state, row) => GuardianDecider.Decider.Evolve(state, GuardianCodec.Events.Decode(row.Name, row.Bytes)));

    private static GuardianCommand.Withdraw Withdraw(int number) => new(
        SessionId.Parse(string.Create(CultureInfo.InvariantCulture, $"withdrawal-{number}")),
        FixedBytes.From<Bytes32>(SHA256.HashData(BitConverter.GetBytes(number))),
        1000);

    private static IReadOnlyList<GuardianEvent> Accept(GuardianState state, GuardianCommand command) =>
        ((Decision<GuardianEvent, GuardianEffect, GuardianReply>.Accepted)GuardianDecider.Decide(state, new GuardianAsked(command, 1_700_000_000))).Events;

    private static GuardianState Evolved(GuardianState state, IReadOnlyList<GuardianEvent> events) =>
        events.Aggregate(state, GuardianDecider.Decider.Evolve);

    private void Do(GuardianCommand command)
    {
        IReadOnlyList<GuardianEvent> events = Accept(_state, command);
        _state = Evolved(_state, events);
        _stored.AddRange(events.Select(GuardianCodec.Events.Encode));
    }
}
