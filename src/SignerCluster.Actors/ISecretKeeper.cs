using System.Diagnostics.CodeAnalysis;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Actors;

/// <summary>Does what deciders may not: work with secrets.</summary>
public interface ISecretKeeper<TCommand>
{
    /// <summary>Performs the task, or refuses it when a limit is reached. The step's result is public; the secret behind it waits for the append.</summary>
    bool TryPerform(SecretTask task, [NotNullWhen(true)] out ISecretStep<TCommand>? step, [NotNullWhen(false)] out Refusal? refusal);
}

/// <summary>
/// A secret operation whose result is about to be appended. It is settled exactly once with what became of the append; disposing it
/// unsettled destroys the secret, because then nobody knows what became of it.
/// </summary>
public interface ISecretStep<out TCommand> : IDisposable
{
    /// <summary>The public result, to be decided upon in place of the command that needed it.</summary>
    TCommand Result { get; }

    /// <summary>Keeps, gives back or destroys the secret, as the outcome demands.</summary>
    void Settle(AppendOutcome outcome);
}
