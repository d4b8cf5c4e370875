using System.Collections.Immutable;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.CovenantJob.JobEvent, SignerCluster.Protocol.CovenantJob.JobEffect, SignerCluster.Protocol.CovenantJob.JobReply>;

namespace SignerCluster.Protocol.Tests.Covenants;

/// <summary>Given, when, then for a covenant job.</summary>
internal sealed class JobSpecification
{
    internal const ulong Start = 1_700_000_000;
    internal const uint Height = 850_000;
    private Decision? _decision;

    private JobSpecification(CovenantKind route) => Address = new JobAddress(route, RouteRequestId.Parse("request-1"));

    internal JobAddress Address { get; }

    internal ulong Now { get; private set; } = Start;

    internal ImmutableList<JobEvent> History { get; private set; } = [];

    internal JobState State => History.Aggregate(JobDecider.Initial(Address), JobDecider.Decider.Evolve);

    internal static ReserveRecord Reserve { get; } = new(
        7,
        [Covenant.Party.Id],
        Depositors: null,
        [Withdrawal.IdentityOf("custodian").ToBytes()],
        Quoter: null,
        NeedsCertificate: false);

    internal RegistryFacts Registry { get; private set; } = new(
        new Reading<ReserveRecord>.Available(Reserve), new Reading<uint>.Available(Height));

    internal Standing Standing { get; private set; } = Covenant.Party.Standing with { AllowRaw = false };

    internal Refusal Refusal => Assert.IsType<Decision.Refused>(_decision).Refusal;

    internal static JobSpecification On(CovenantKind route = CovenantKind.SelfV1) => new(route);

    internal static JobSpecification Accepted(JobRequest? request = null) =>
        On(request?.Terms.Kind ?? CovenantKind.SelfV1).WhenSubmitted(request ?? Covenant.Request()).Then<JobEvent.Accepted>();

    internal JobSpecification After(ulong seconds)
    {
        Now += seconds;
        return this;
    }

    internal JobSpecification Knowing(ReserveRecord reserve) => Knowing(new Reading<ReserveRecord>.Available(reserve));

    internal JobSpecification Knowing(Reading<ReserveRecord> reserve)
    {
        Registry = Registry with { Reserve = reserve };
        return this;
    }

    internal JobSpecification Knowing(Reading<uint> height)
    {
        Registry = Registry with { Height = height };
        return this;
    }

    internal JobSpecification Knowing(Standing standing)
    {
        Standing = standing;
        return this;
    }

    internal JobSpecification WhenSubmitted(JobRequest request) => When(new JobCommand.Submit(request));

    internal JobSpecification WhenAnswered(CoordinatorReply reply) => When(new JobCommand.SessionAnswered(new CoordinatorAnswer.Granted(reply)));

    internal JobSpecification WhenSigned(Bytes64 signature) =>
        WhenAnswered(new CoordinatorReply.Completed(1, Covenant.Party.Group.GroupKey.XOnly, signature));

    internal JobSpecification When(JobCommand command)
    {
        _decision = JobDecider.Decide(State, new JobAsked(command, Now, Standing, Registry));
        History = _decision is Decision.Accepted accepted ? History.AddRange(accepted.Events) : History;
        return this;
    }

    /// <summary>Exactly one event, and it is durable before anything is asked of others.</summary>
    internal JobSpecification Then<TEvent>()
        where TEvent : JobEvent
    {
        Assert.True(_decision is Decision.Accepted, (_decision as Decision.Refused)?.Refusal.ToString());
        Assert.IsType<TEvent>(Assert.Single(Assert.IsType<Decision.Accepted>(_decision).Events));
        return this;
    }

    internal JobSpecification ThenOnlyReplied(JobReply reply)
    {
        Decision.Accepted accepted = Assert.IsType<Decision.Accepted>(_decision);
        Assert.Empty(accepted.Events);
        Assert.Empty(accepted.Effects);
        Assert.Equal(reply, accepted.Reply);
        return this;
    }

    internal JobSpecification ThenReplied(JobReply reply)
    {
        Assert.Equal(reply, Assert.IsType<Decision.Accepted>(_decision).Reply);
        return this;
    }

    internal JobSpecification ThenAsks(params JobEffect[] effects)
    {
        Assert.Equal(effects, Assert.IsType<Decision.Accepted>(_decision).Effects);
        return this;
    }

    internal JobSpecification ThenRefused(string code)
    {
        Assert.Equal(code, Refusal.Code);
        Assert.Empty(Assert.IsType<Decision.Refused>(_decision).Events);
        return this;
    }
}
