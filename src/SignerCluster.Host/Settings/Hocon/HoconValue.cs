namespace SignerCluster.Host.Settings.Hocon;

/// <summary>Where a value was written.</summary>
/// <param name="File">As it was named.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Variable">The environment variable that the value was taken from; null for none.</param>
internal readonly record struct HoconOrigin(string File, int Line, string? Variable = null);

/// <summary>A value after all files were laid over each other and all substitutions were made.</summary>
internal abstract record HoconValue(HoconOrigin Origin)
{
    /// <summary>What this is, for messages.</summary>
    internal abstract string Kind { get; }
}

/// <summary>A text, a number, a boolean or null.</summary>
/// <param name="IsQuoted">It is a text whatever it looks like.</param>
internal sealed record HoconScalar(string Text, bool IsQuoted, HoconOrigin Origin) : HoconValue(Origin)
{
    internal bool IsNull => !IsQuoted && Text == "null";

    internal override string Kind => IsNull ? "null" : $"'{Text}'";
}

/// <summary>Values in the order in which they were written.</summary>
internal sealed record HoconList(IReadOnlyList<HoconValue> Items, HoconOrigin Origin) : HoconValue(Origin)
{
    internal override string Kind => "a list";
}

/// <summary>Values by key, in the order in which the keys were first written.</summary>
internal sealed record HoconObject(OrderedDictionary<string, HoconValue> Fields, HoconOrigin Origin) : HoconValue(Origin)
{
    internal override string Kind => "an object";

    /// <summary>This laid over another: objects are merged, everything else is replaced.</summary>
    internal HoconObject Over(HoconObject below)
    {
        OrderedDictionary<string, HoconValue> fields = new(below.Fields, StringComparer.Ordinal);
        foreach ((string key, HoconValue value) in Fields)
        {
            fields[key] = value is HoconObject above && fields.TryGetValue(key, out HoconValue? found) && found is HoconObject under ? above.Over(under) : value;
        }

        return new HoconObject(fields, Origin);
    }
}
