using System.Diagnostics.CodeAnalysis;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>Remembers what became of every secret step of a keeper.</summary>
internal sealed class WatchedSteps(ISecretKeeper<SessionCommand> keeper) : ISecretKeeper<SessionCommand>
{
    private readonly List<Step> _taken = [];

    internal IReadOnlyList<Step> Taken => _taken;

    public bool TryPerform(SecretTask task, [NotNullWhen(true)] out ISecretStep<SessionCommand>? step, [NotNullWhen(false)] out Refusal? refusal)
    {
        if (keeper.TryPerform(task, out step, out refusal))
        {
            Step watched = new(step);
            _taken.Add(watched);
            step = watched;
        }

        return step is not null;
    }

    internal sealed class Step(ISecretStep<SessionCommand> step) : ISecretStep<SessionCommand>
    {
        public SessionCommand Result => step.Result;

        internal bool IsDisposed { get; private set; }

        internal AppendOutcome? Outcome { get; private set; }

        public void Settle(AppendOutcome outcome)
        {
            Outcome = outcome;
            step.Settle(outcome);
        }

        public void Dispose()
        {
            IsDisposed = true;
            step.Dispose();
        }
    }
}
