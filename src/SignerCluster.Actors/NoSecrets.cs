using SignerCluster.Protocol;

namespace SignerCluster.Actors;

/// <summary>The keeper of entities that hold no secrets: a task for it is a defect.</summary>
public sealed class NoSecrets<TCommand> : ISecretKeeper<TCommand>
{
    public static NoSecrets<TCommand> Keeper { get; } = new();

    public bool TryPerform(SecretTask task, out ISecretStep<TCommand> step, out Refusal refusal) =>
        throw new InvalidOperationException($"An entity without secrets was asked for one: {task.GetType().Name}.");
}
