using System.Text.Json.Serialization;

namespace SignerCluster.Protocol.KeyRing;

/// <summary>What may be asked of a ring. Whatever needs the key-encryption key was done before: a ring never waits for a provider.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Rotate), "rotate")]
[JsonDerivedType(typeof(ReserveMessages), "reserve_messages")]
[JsonDerivedType(typeof(Retire), "retire")]
[JsonDerivedType(typeof(Rewrap), "rewrap")]
[JsonDerivedType(typeof(Show), "show")]
public abstract record KeyRingCommand
{
    private KeyRingCommand()
    {
    }

    /// <summary>Adds a fresh key and makes it the active one, in one append.</summary>
    /// <param name="Epoch">Must be the ring's next; another process may have been faster.</param>
    /// <param name="Reserve">How many messages the asker may seal under it at once, at least 1.</param>
    public sealed record Rotate(int Epoch, KeyId Id, KeyId WrappedUnder, ByteString Wrapped, long Reserve) : KeyRingCommand;

    /// <summary>Asks to seal further messages under the active key.</summary>
    /// <param name="Count">How many, at least 1.</param>
    /// <param name="Limit">How many one key may ever seal.</param>
    public sealed record ReserveMessages(int Epoch, long Count, long Limit) : KeyRingCommand;

    /// <summary>Takes a superseded key out of use.</summary>
    /// <param name="NeededBy">Rows and files that are still sealed under it, counted after it was superseded.</param>
    public sealed record Retire(int Epoch, long NeededBy) : KeyRingCommand;

    /// <summary>Puts every key that is not retired under another key-encryption key.</summary>
    public sealed record Rewrap(KeyId From, KeyId To, IReadOnlyList<WrappedKey> Keys) : KeyRingCommand;

    /// <summary>Asks for the ring as it is.</summary>
    public sealed record Show : KeyRingCommand;
}

/// <summary>What a ring does after an append: nothing. Who asked learns the new ring from the reply.</summary>
public abstract record KeyRingEffect
{
    private KeyRingEffect()
    {
    }
}

/// <summary>What a ring's entity answers.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Granted), "granted")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Failed), "failed")]
public abstract record KeyRingAnswer
{
    private KeyRingAnswer()
    {
    }

    /// <summary>Granted and durable; the ring as it is now.</summary>
    public sealed record Granted(KeyRingState Ring) : KeyRingAnswer;

    /// <summary>Refused; nothing changed.</summary>
    public sealed record Refused(Refusal Refusal) : KeyRingAnswer;

    /// <summary>The journal failed.</summary>
    public sealed record Failed(string Code, bool IsTransient) : KeyRingAnswer;
}
